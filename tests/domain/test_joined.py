"""Two lists of steps as the fewest calls."""

import pytest

from bot.domain.joined import joined
from bot.domain.selectors import Selectors
from bot.domain.steps import (
    CreateAlias,
    CreateKey,
    CreateTrail,
    PutBucketPolicy,
    PutEventSelectors,
    PutKeyPolicy,
    Settings,
    StartLogging,
    Step,
    UpdateTrail,
)
from tests.builders import READ_ONLY, REGION, WRITE_ONLY, trail_arn, update

ARN, OTHER = trail_arn("a"), trail_arn("b")
KEY, ALIAS = CreateKey("alias/x", REGION, "{}", "for x"), CreateAlias("alias/x", REGION, "for x")
MADE = CreateTrail(ARN, "a", REGION, "bucket", validation=False)


def selecting(before: Selectors, after: Selectors) -> PutEventSelectors:
    return PutEventSelectors(ARN, REGION, before, after)


def policy(before: str, after: str, *added: str) -> PutBucketPolicy:
    return PutBucketPolicy("bucket", REGION, before, after, added)


def of_key(before: str, after: str, *added: str, key: str = "arn:key") -> PutKeyPolicy:
    return PutKeyPolicy(key, REGION, before, after, added)


PAIRS: list[tuple[str, tuple[Step, ...], tuple[Step, ...], tuple[Step, ...]]] = [
    ("the same step", (StartLogging(ARN, REGION),), (StartLogging(ARN, REGION),), (StartLogging(ARN, REGION),)),
    (
        "two updates of one trail",
        (update(ARN, multi_region=True),),
        (update(ARN, validation=True),),
        (update(ARN, multi_region=True, validation=True),),
    ),
    (
        "two updates of one setting: from the first to the last",
        (UpdateTrail(ARN, REGION, Settings(kms_key=""), Settings(kms_key="x")),),
        (UpdateTrail(ARN, REGION, Settings(kms_key="x"), Settings(kms_key="y")),),
        (UpdateTrail(ARN, REGION, Settings(kms_key=""), Settings(kms_key="y")),),
    ),
    (
        "two lists of selectors",
        (selecting(Selectors(), READ_ONLY),),
        (selecting(READ_ONLY, WRITE_ONLY),),
        (selecting(Selectors(), WRITE_ONLY),),
    ),
    ("two policies of one bucket", (policy("", "1", "a"),), (policy("1", "2", "b"),), (policy("", "2", "a", "b"),)),
    ("two policies of one key", (of_key("", "1", "a"),), (of_key("1", "2", "b"),), (of_key("", "2", "a", "b"),)),
    (
        "a key is made with its last policy",
        (KEY, ALIAS),
        (of_key("{}", "2", key="alias/x"),),
        (CreateKey("alias/x", REGION, "2", "for x"), ALIAS),
    ),
    (
        "a trail is made with its settings, and multi-region anyway",
        (MADE, StartLogging(ARN, REGION)),
        (update(ARN, validation=True, multi_region=True, kms_key="k"),),
        (CreateTrail(ARN, "a", REGION, "bucket", validation=True, kms_key="k"), StartLogging(ARN, REGION)),
    ),
    (
        "steps of two trails, in the order in which they are carried out",
        (StartLogging(OTHER, REGION), update(ARN, validation=True)),
        (update(OTHER, validation=True),),
        (update(ARN, validation=True), update(OTHER, validation=True), StartLogging(OTHER, REGION)),
    ),
]


@pytest.mark.parametrize(("steps", "more", "together"), [p[1:] for p in PAIRS], ids=[p[0] for p in PAIRS])
def test_two_lists_are_the_fewest_calls(
    steps: tuple[Step, ...], more: tuple[Step, ...], together: tuple[Step, ...]
) -> None:
    assert joined(steps, more) == together
