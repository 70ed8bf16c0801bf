"""Creating and deleting a trail go through an approval button, and nothing else reaches AWS."""

from tests.stories.stage import Answers, Stage

WEBSITE, WEB, SPLIT = "890123456789", "456789012345", "543210987654"


def test_a_trail_is_created_in_three_steps_after_an_approval(stage: Stage) -> None:
    report = stage.audit(stage.alice, WEBSITE)
    stage.alice.clicks(report, "create", WEBSITE)
    stage.modal(stage.alice, "trail_form")
    errors = stage.alice.submits({"name": "a..b", "bucket": "Not A Bucket"}).errors
    assert set(errors) == {"name", "bucket"}

    trail: Answers = {"name": "website-trail", "bucket": "website-trail-logs", "bucket_kind": "new", "prefix": "web"}
    review = stage.review(stage.alice, trail)
    assert "`multi-region-trail` FAIL → *PASS*" in review.all_text()
    assert "before read and write events none; after read and write events of all services" in review.all_text()
    assert "nothing is deleted" in review.all_text()
    assert stage.aws.trails(WEBSITE) == []

    card = stage.proposal(lambda: stage.alice.submits({}))
    assert stage.alice.modal() is None
    assert "+ trail website-trail" in card.all_text()
    assert "s3://website-trail-logs/web/AWSLogs/" in card.all_text()
    assert stage.writes(WEBSITE) == []

    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    assert stage.writes(WEBSITE) == [
        "CreateBucket",
        "PutPublicAccessBlock",
        "PutBucketVersioning",
        "PutBucketEncryption",
        "PutBucketLifecycleConfiguration",
        "PutBucketPolicy",
        "CreateTrail",
        "StartLogging",
    ]
    [made] = stage.aws.trails(WEBSITE)
    assert made["IsMultiRegionTrail"]
    assert made["LogFileValidationEnabled"]


def test_an_existing_bucket_keeps_its_policy_and_gets_ours_merged(stage: Stage) -> None:
    before = stage.aws.client(SPLIT, "s3").get_bucket_policy(Bucket=f"cloudtrail-{SPLIT}-reads")["Policy"]
    trail: Answers = {"name": "everything", "bucket": f"cloudtrail-{SPLIT}-reads", "bucket_kind": "existing"}
    card = stage.created(stage.alice, SPLIT, trail)
    assert "$2.00 per 100,000 events" in card.all_text()
    stage.carol.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")
    after = stage.aws.client(SPLIT, "s3").get_bucket_policy(Bucket=f"cloudtrail-{SPLIT}-reads")["Policy"]
    assert "trail/reads" in before
    assert "trail/reads" in after
    assert "trail/everything" in after


def test_a_name_that_is_taken_is_refused_in_the_form_with_a_way_back(stage: Stage) -> None:
    stage.create_form(stage.alice, WEB)
    stage.alice.submits({"name": "web-trail", "bucket": "another-bucket-for-web"})
    stage.modal(stage.alice, "trail_events")
    stage.alice.submits({"insights": ["on"]})
    refused = stage.until(lambda: v if (v := stage.alice.modal()) and "already" in v.all_text() else None)
    assert "has a trail named web-trail already. Choose another name." in refused.all_text()
    stage.alice.clicks(refused, "trail_back_1")
    again = stage.modal(stage.alice, "trail_form")
    assert again.state["bucket"]["bucket"]["value"] == "another-bucket-for-web"
    stage.alice.submits({"name": "web-trail-2"})
    events = stage.modal(stage.alice, "trail_events")
    assert events.state["insights"]["insights"]["selected_options"]
    stage.alice.closes()
    assert stage.alice.modal() is None


def test_an_account_that_does_not_let_us_in_is_said_before_anything_is_filled_in(stage: Stage) -> None:
    stage.types(stage.alice, "create security-vault")
    told = stage.until(lambda: v if (v := stage.alice.modal()) and "Could not look" in v.all_text() else None)
    assert "sts:AssumeRole" in told.all_text()
    stage.alice.closes()


def test_the_last_compliant_trail_is_deleted_only_with_two_typed_names(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, f"delete web-trail {WEB}"))
    assert "This is the last compliant trail" in card.all_text()
    assert "0 of 2" in card.all_text()

    stage.bob.clicks(card, "approve")
    stage.until(stage.bob.modal)
    wrong = stage.bob.submits({"typed": "wob-trail"}).errors
    assert wrong == {"typed": "That is not the trail's name. Type web-trail to delete it."}
    stage.bob.submits({"typed": "web-trail"})
    stage.until(lambda: "1 of 2" in stage.now(card).all_text() or None)
    assert stage.writes(WEB) == []

    stage.carol.clicks(stage.now(card), "approve")
    stage.until(stage.carol.modal)
    stage.carol.submits({"typed": "web-trail"})
    stage.becomes(card, "VERIFIED")
    assert stage.writes(WEB) == ["DeleteTrail"]
    assert stage.aws.trails(WEB) == []


def test_a_trail_that_is_not_there_is_refused_with_the_names_that_are(stage: Stage) -> None:
    stage.types(stage.alice, "delete nothing dev-tools")
    assert "It has: tools-trail" in stage.told(stage.alice, "has no trail named nothing")
