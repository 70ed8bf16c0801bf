"""The seeded organization: a table to read. One account for every state that the design's cases name.

`expected` is the verdict of each default control, profile `cis`, for the whole organization audited at once (so that
the owner's selectors of the organization trail are known for its members). `seeding` turns the table into AWS.
"""

from bot.playground.aws.seeds import LOG_ARCHIVE, MANAGEMENT_ACCOUNT, SeededAccount, SeededTrail, Verdicts


def _expect(multi_region_trail: str, log_delivery: str, log_file_validation: str) -> Verdicts:
    return {
        "multi-region-trail": multi_region_trail,
        "log-delivery": log_delivery,
        "log-file-validation": log_file_validation,
    }


WRITES_ONLY = ({"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True},)
READS_ONLY = ({"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True},)
WITHOUT_KMS = ({"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]},)

MANAGEMENT_EVENTS = {
    "Name": "Management events selector",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}
MANAGEMENT_WRITES = {
    "Name": "Management events, writes only",
    "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "readOnly", "Equals": ["false"]},
    ],
}
S3_OBJECTS = {
    "Name": "Objects of the lake",
    "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::prod-data-lake/"]},
    ],
}
"""Must survive every repair: PutEventSelectors replaces all selectors."""

ACCOUNTS = (
    SeededAccount(
        id=MANAGEMENT_ACCOUNT,
        name="management",
        path="Root",
        state="owns the organization trail, whose bucket is in the log archive",
        expected=_expect("PASS", "PASS", "PASS"),
        trails=(SeededTrail("organization-trail", bucket_of=LOG_ARCHIVE, replicated_to=("222233334444",)),),
    ),
    SeededAccount(
        id="111122223333",
        name="prod-payments",
        path="Root/Prod",
        state="a single-region trail only",
        expected=_expect("FAIL", "FAIL", "FAIL"),
        trails=(SeededTrail("payments-trail", multi_region=False),),
    ),
    SeededAccount(
        id="222233334444",
        name="prod-orders",
        path="Root/Prod",
        state="covered by the organization trail",
        expected=_expect("PASS", "UNKNOWN", "PASS"),
    ),
    SeededAccount(
        id="456789012345",
        name="prod-web",
        path="Root/Prod",
        state="fine; its bucket is in the log archive",
        expected=_expect("PASS", "PASS", "PASS"),
        trails=(SeededTrail("web-trail", region="eu-west-1", bucket_of=LOG_ARCHIVE),),
    ),
    SeededAccount(
        id="567890123456",
        name="prod-ledger",
        path="Root/Prod",
        state="its trail was stopped",
        expected=_expect("FAIL", "FAIL", "PASS"),
        trails=(SeededTrail("ledger-trail", region="eu-central-1", logging=False),),
    ),
    SeededAccount(
        id="678901234567",
        name="prod-data",
        path="Root/Prod",
        state="advanced selectors without the reads, and a data-event selector that must survive",
        expected=_expect("FAIL", "PASS", "PASS"),
        trails=(SeededTrail("data-trail", advanced=(MANAGEMENT_WRITES, S3_OBJECTS)),),
    ),
    SeededAccount(
        id="789012345678",
        name="prod-search",
        path="Root/Prod",
        state="its bucket refuses the log files",
        expected=_expect("PASS", "FAIL", "PASS"),
        trails=(SeededTrail("search-trail", delivers=False),),
    ),
    SeededAccount(
        id="890123456789",
        name="dev-website",
        path="Root/Dev",
        state="no trail at all",
        expected=_expect("FAIL", "FAIL", "FAIL"),
    ),
    SeededAccount(
        id="901234567890",
        name="dev-api",
        path="Root/Dev",
        state="records writes only",
        expected=_expect("FAIL", "PASS", "PASS"),
        trails=(SeededTrail("api-trail", basic=WRITES_ONLY),),
    ),
    SeededAccount(
        id="210987654321",
        name="dev-tools",
        path="Root/Dev",
        state="log file validation is off",
        expected=_expect("PASS", "PASS", "FAIL"),
        trails=(SeededTrail("tools-trail", validation=False),),
    ),
    SeededAccount(
        id=LOG_ARCHIVE,
        name="security-log-archive",
        path="Root/Security",
        state="fine, with advanced selectors; holds the buckets of others",
        expected=_expect("PASS", "PASS", "PASS"),
        trails=(SeededTrail("log-archive-trail", advanced=(MANAGEMENT_EVENTS,)),),
    ),
    SeededAccount(
        id="321098765432",
        name="security-keys",
        path="Root/Security",
        state="leaves out the events of KMS",
        expected=_expect("PASS", "PASS", "PASS"),
        trails=(SeededTrail("keys-trail", basic=WITHOUT_KMS),),
        warnings=("multi-region-trail",),
    ),
    SeededAccount(
        id="432109876543",
        name="security-vault",
        path="Root/Security",
        state="does not let us in",
        expected=_expect("UNKNOWN", "UNKNOWN", "UNKNOWN"),
        trails=(SeededTrail("vault-trail"),),
        roles=False,
    ),
    SeededAccount(
        id="543210987654",
        name="sandbox-split",
        path="Root/Sandbox",
        state="one trail for reads, one for writes; only together they cover everything",
        expected=_expect("FAIL", "PASS", "PASS"),
        trails=(SeededTrail("reads", basic=READS_ONLY), SeededTrail("writes", basic=WRITES_ONLY)),
    ),
    SeededAccount(
        id="654321098765",
        name="<b>R&D</b> *lab* <!channel>",
        path="Root/Sandbox",
        state="a single-region trail far away; names full of markup",
        expected=_expect("FAIL", "FAIL", "FAIL"),
        trails=(SeededTrail("R.and_D-lab.trail_1", region="ap-southeast-2", multi_region=False),),
    ),
    SeededAccount(
        id="765432109876",
        name="sandbox-closed",
        path="Root/Sandbox",
        state="suspended",
        expected={},
        roles=False,
        suspended=True,
    ),
)
