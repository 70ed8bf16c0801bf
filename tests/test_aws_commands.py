"""Every `aws …` that a page tells people to type: such a command there is, with such options, and none left out.

By botocore's models, of which the CLI makes its own commands.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import StructureShape

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
MODELS = botocore.session.Session()
EVERYWHERE = {"region", "query", "output"}
"""Options that the CLI gives to every command."""
THE_CLIS_OWN = {
    ("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities", "parameter-overrides"},
    ("cloudtrail", "validate-logs"): {"trail-arn", "start-time"},
    ("sso", "login"): set[str](),
}
"""Made of many calls, or of none."""
REGIONAL = {"cloudformation", "cloudtrail", "kms", "logs"}
SEEN_EVERYWHERE = {"describe-trails"}
"""Multi-region trails have a shadow in each region."""


class Typed(NamedTuple):
    service: str
    command: str
    options: set[str]
    whole: bool
    """A line of a console, not a few words in a sentence."""

    @property
    def name(self) -> str:
        return f"{self.service} {self.command}"


def typed(text: str) -> Iterator[Typed]:
    """Those of the consoles, which may go on over several lines or be one within another; then those of sentences."""
    consoles = re.findall(r"^ *```console\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    for line in (found for console in consoles for found in re.split(r"^ *\$ ", console, flags=re.MULTILINE)):
        within = re.findall(r"\$\((aws [^)]*)\)", line)
        outer = re.sub(r"\$\([^)]*\)", "", line)
        yield from (_read(words, whole=True) for words in (outer[outer.find("aws ") :], *within) if "aws " in words)
    for words in re.findall(r"`(aws [a-z0-9]+ [^`]+)`", text):
        yield _read(words, whole=False)


def _read(words: str, *, whole: bool) -> Typed:
    _, service, command, *_ = words.split()
    return Typed(service, command, set(re.findall(r"\s--([a-z0-9-]+)", words)), whole)


def shape(of: Typed) -> StructureShape | None:
    """What the call takes. Raises StopIteration where there is no such call."""
    model = MODELS.get_service_model("s3" if of.service == "s3api" else of.service)
    name = next(name for name in model.operation_names if xform_name(name, "-") == of.command)
    return model.operation_model(name).input_shape


def unknown(of: Typed) -> set[str]:
    known = THE_CLIS_OWN.get((of.service, of.command))
    if known is None:
        takes = shape(of)
        known = {xform_name(member, "-") for member in takes.members} if takes else set()
    return of.options - known - EVERYWHERE


def left_out(of: Typed) -> set[str]:
    takes = None if (of.service, of.command) in THE_CLIS_OWN or not of.whole else shape(of)
    return {xform_name(member, "-") for member in takes.required_members} - of.options if takes else set()


ALL = [(page.name, one) for page in PAGES for one in typed(page.read_text())]
each = pytest.mark.parametrize("one", [one for _, one in ALL], ids=[f"{page} {one.name}" for page, one in ALL])


def test_the_pages_with_commands_are_found() -> None:
    assert {page for page, _ in ALL} >= {"connect-aws.md", "controls.md", "deploy.md", "index.md", "troubleshooting.md"}
    assert {one.name for page, one in ALL if page == "connect-aws.md"} >= {
        "iam put-role-policy",
        "organizations list-roots",
    }


@each
def test_a_command_and_its_options_are_those_of_aws(one: Typed) -> None:
    assert unknown(one) == set()
    assert left_out(one) == set()


@pytest.mark.parametrize(
    "one",
    [one for page, one in ALL if page in ("connect-aws.md", "controls.md") and one.whole and one.service in REGIONAL],
    ids=lambda one: str(one.name),
)
def test_what_is_in_one_region_is_looked_for_there(one: Typed) -> None:
    """Whoever types it may have another default region, or none."""
    assert "region" in one.options or one.command in SEEN_EVERYWHERE


WRONG = [
    ("cloudtrail create-trail --name n --s3-bucket-name b --bucket-name b", {"bucket-name"}),
    ("cloudtrail update-trail --name n --kms-id k", {"kms-id"}),
]


@pytest.mark.parametrize(("words", "wrong"), WRONG)
def test_an_option_that_aws_does_not_have_is_found(words: str, wrong: set[str]) -> None:
    """Both are CIS's."""
    (one,) = typed(f"```console\n$ aws {words}\n```\n")
    assert unknown(one) == wrong


def test_a_command_that_aws_does_not_have_is_found() -> None:
    (one,) = typed("`aws cloudtrail make-trail`")
    with pytest.raises(StopIteration):
        shape(one)


def test_an_option_that_aws_asks_for_is_missed() -> None:
    (one,) = typed("```console\n$ aws cloudtrail create-trail --name n\n```\n")
    assert left_out(one) == {"s3-bucket-name"}
