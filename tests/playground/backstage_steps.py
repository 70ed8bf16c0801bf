"""Steps and builders that the tests of Backstage's tab "AWS" share."""

from typing import Any

from bot.playground.backstage.trails import Trails

PAYMENTS, ORDERS, WEB, LEDGER = "111122223333", "222233334444", "456789012345", "567890123456"
DATA, TOOLS, ARCHIVE, VAULT = "678901234567", "210987654321", "345678901234", "432109876543"
"""Accounts of the seeded organization."""

MANAGEMENT, KMS = ["Management"], "kms.amazonaws.com"


def account(tab: Trails, id: str) -> dict[str, Any]:
    return next(each for each in tab.shown()["accounts"] if each["id"] == id)


def trail(tab: Trails, id: str) -> dict[str, Any]:
    """The account's first trail, as shown."""
    found: dict[str, Any] = account(tab, id)["trails"][0]
    return found


def texts(facts: list[dict[str, Any]]) -> list[str]:
    return [fact["text"] for fact in facts]


def do(tab: Trails, deed: str, id: str) -> str:
    """A deed to the account's first trail."""
    return tab.deeds[deed]({"account": id, "trail": trail(tab, id)["arn"]})


def basic(kinds: str = "All", on: bool = True, without: tuple[str, ...] = (), data: bool = False) -> dict[str, Any]:
    resources = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}] if data else []
    return {
        "ReadWriteType": kinds,
        "IncludeManagementEvents": on,
        "ExcludeManagementEventSources": list(without),
        "DataResources": resources,
    }


def advanced(**fields: list[str]) -> dict[str, Any]:
    """`NotEquals` for eventSource, `Equals` for all others."""
    operator = {"eventSource": "NotEquals"}
    return {"FieldSelectors": [{"Field": f, operator.get(f, "Equals"): values} for f, values in fields.items()]}
