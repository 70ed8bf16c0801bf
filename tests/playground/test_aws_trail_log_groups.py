"""CreateTrail and UpdateTrail look at the log group and its role; GetTrailStatus shows what became of them."""

from bot.playground.aws import RunningAws
from tests.playground.aws_policies import deliver_logs, document, trust
from tests.playground.aws_steps import (
    delivering_at_once,
    log_destination,
    make_group,
    make_role,
    make_trail,
    new_account,
    refused,
)

TRUST = "Access denied. Check the trust relationships for your role."
PERMISSIONS = "Access denied. Check the permissions for your role."


def good_role(aws: RunningAws, account: str, name: str = "logs") -> str:
    return make_role(aws, account, document(*deliver_logs(account, "trails")), name=name)


def test_a_trail_delivers_to_a_log_group(aws: RunningAws, account: str) -> None:
    to = log_destination(make_group(aws, account), good_role(aws, account))
    arn = make_trail(aws, account, **to)
    cloudtrail = aws.client(account, "cloudtrail")
    assert to.items() <= cloudtrail.get_trail(Name=arn)["Trail"].items()
    cloudtrail.start_logging(Name=arn)
    assert "LatestCloudWatchLogsDeliveryTime" not in cloudtrail.get_trail_status(Name=arn)
    with delivering_at_once(aws):
        status = cloudtrail.get_trail_status(Name=arn)
    assert "LatestCloudWatchLogsDeliveryError" not in status
    assert status["LatestCloudWatchLogsDeliveryTime"] >= status["StartLoggingTime"]


def test_group_and_role_go_together(aws: RunningAws, account: str) -> None:
    group, role = make_group(aws, account), good_role(aws, account)
    make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    words = "You must specify a role ARN as well as a log group."
    with refused("InvalidCloudWatchLogsRoleArnException", words, status=400):
        cloudtrail.update_trail(Name="main", CloudWatchLogsLogGroupArn=group)
    with refused("InvalidCloudWatchLogsLogGroupArnException", status=400):
        cloudtrail.update_trail(Name="main", CloudWatchLogsRoleArn=role)
    cloudtrail.update_trail(Name="main", **log_destination(group, role))
    with refused("InvalidCloudWatchLogsRoleArnException", status=400):
        cloudtrail.update_trail(Name="main", CloudWatchLogsRoleArn="")
    cloudtrail.update_trail(Name="main", **log_destination("", ""))
    assert "CloudWatchLogsLogGroupArn" not in cloudtrail.get_trail(Name="main")["Trail"]


def test_the_group_must_be_ours_and_here_and_end_in_a_star(aws: RunningAws, account: str) -> None:
    role = good_role(aws, account)
    far = make_group(aws, account, region="eu-west-1")
    theirs = make_group(aws, new_account())
    own = make_group(aws, account)
    make_trail(aws, account)
    for group in (own.removesuffix(":*"), f"{own[:-2]}-2:*", far, theirs, "trails", own.replace(":logs:", ":s3:")):
        with refused("InvalidCloudWatchLogsLogGroupArnException", "CloudTrail can't validate it", status=400):
            aws.client(account, "cloudtrail").update_trail(Name="main", **log_destination(group, role))


def test_the_role_must_exist_and_trust_cloudtrail(aws: RunningAws, account: str) -> None:
    group, policy = make_group(aws, account), document(*deliver_logs(account, "trails"))
    others = {**trust(), "Principal": {"Service": "config.amazonaws.com"}}
    suspicious = make_role(aws, account, policy, document(others), "suspicious")
    make_trail(aws, account)
    for role in (suspicious, f"arn:aws:iam::{account}:role/nobody", "nobody"):
        with refused("InvalidCloudWatchLogsRoleArnException", TRUST, status=400):
            aws.client(account, "cloudtrail").update_trail(Name="main", **log_destination(group, role))


def test_the_role_must_be_allowed_to_write_to_the_streams(aws: RunningAws, account: str) -> None:
    group = make_group(aws, account)
    make_trail(aws, account)
    create, put = deliver_logs(account, "trails")
    stream = create["Resource"][0]
    wanting = [
        "",
        document(create),
        document(put),
        document(*deliver_logs(account, "other")),
        document(*deliver_logs(account, "trails", "eu-west-1")),
        document({**create, "Resource": stream.removesuffix("*")}, put),
        document(create, put, {"Effect": "Deny", "Action": "logs:*", "Resource": "*"}),
    ]
    for number, policy in enumerate(wanting):
        to = log_destination(group, make_role(aws, account, policy, name=f"wanting-{number}"))
        with refused("InvalidCloudWatchLogsLogGroupArnException", PERMISSIONS, status=400):
            aws.client(account, "cloudtrail").update_trail(Name="main", **to)


def test_a_managed_policy_will_do(aws: RunningAws, account: str) -> None:
    iam = aws.client(account, "iam")
    policy = document(*deliver_logs(account, "trails"))
    arn = iam.create_policy(PolicyName="deliver", PolicyDocument=policy)["Policy"]["Arn"]
    role = make_role(aws, account, "")
    iam.attach_role_policy(RoleName="logs", PolicyArn=arn)
    make_trail(aws, account, **log_destination(make_group(aws, account), role))


def test_a_new_role_is_refused_until_the_news_has_spread(aws: RunningAws, account: str) -> None:
    to = log_destination(make_group(aws, account), good_role(aws, account))
    make_trail(aws, account)
    cloudtrail = aws.client(account, "cloudtrail")
    aws.refuse_new_roles(times=2)
    with refused("InvalidCloudWatchLogsRoleArnException", TRUST):
        cloudtrail.update_trail(Name="main", **to)
    with refused("InvalidCloudWatchLogsLogGroupArnException", PERMISSIONS):
        cloudtrail.update_trail(Name="main", **to)
    cloudtrail.update_trail(Name="main", **to)
    aws.refuse_new_roles(times=0)


def test_a_group_that_is_gone_fails_alone(aws: RunningAws, account: str) -> None:
    arn = make_trail(aws, account, **log_destination(make_group(aws, account), good_role(aws, account)))
    cloudtrail = aws.client(account, "cloudtrail")
    cloudtrail.start_logging(Name=arn)
    aws.client(account, "iam").delete_role_policy(RoleName="logs", PolicyName="deliver")
    assert cloudtrail.get_trail_status(Name=arn)["LatestCloudWatchLogsDeliveryError"] == "AccessDenied"
    aws.client(account, "logs").delete_log_group(logGroupName="trails")
    status = cloudtrail.get_trail_status(Name=arn)
    assert status["LatestCloudWatchLogsDeliveryError"] == "ResourceNotFoundException"
    assert "LatestDeliveryError" not in status
