"""Can somebody approve? Each who is named in the settings, each user group, and whether a quorum can be met."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.domain.authority import Authority, Rule, Standing
from bot.domain.doctor import Diagnosis, ok, unknown, wrong
from bot.domain.trail import Unreadable

AGAIN = "See to the network, then run it again."
GROUPS_NEED = "It needs the scope usergroups:read, and a paid plan of Slack."
USERS_NEED = "It needs the scope users:read."


@dataclass(frozen=True)
class PeopleFacts:
    """`people` by user id, so far as they were looked up; `groups` are the members by group id."""

    authority: Authority
    people: Mapping[str, Standing | Unreadable]
    groups: Mapping[str, frozenset[str] | Unreadable]


def named(authority: Authority) -> tuple[str, ...]:
    """Every id that the settings name, each once: those who may approve, who may ask, and who is mentioned."""
    rules = (authority.default, *authority.rules)
    return tuple(dict.fromkeys(id for r in rules for id in (*r.approvers, *r.requesters, *r.ping)))


def approving(authority: Authority) -> frozenset[str]:
    return frozenset(id for r in (authority.default, *authority.rules) for id in r.approvers)


def people(facts: PeopleFacts) -> Iterator[Diagnosis]:
    """Of those who only ask, or are mentioned, it is enough that they are known."""
    approvers = approving(facts.authority)
    wanted = {id: facts.people[id] for id in named(facts.authority) if id in facts.people}
    fine = [id for id, found in wanted.items() if found is Standing.MEMBER]
    if fine:
        yield ok("people", f"{', '.join(fine)}: active, full members of the workspace.")
    for id, found in wanted.items():
        if isinstance(found, Unreadable):
            yield unknown(
                "people", f"The account of {id} could not be read: {found.sentence}.", _need(found, USERS_NEED)
            )
        elif found is Standing.UNKNOWN or (found is not Standing.MEMBER and id in approvers):
            yield _no_member(id, found, id in approvers)


def _no_member(id: str, standing: Standing, approver: bool) -> Diagnosis:
    so = ", and may not approve" if approver else ""
    mend = f"Take {id} out of the settings, or copy the member's id anew (profile, ⋮, “Copy member ID”)."
    return wrong("people", f"The account {id} {standing.value}{so}.", mend)


def groups(facts: PeopleFacts) -> Iterator[Diagnosis]:
    for id, found in facts.groups.items():
        match found:
            case Unreadable(error="no_such_subteam"):
                mend = "Copy the group's id anew: it is the end of the address of its page in “People & user groups”."
                yield wrong("groups", f"There is no user group {id} in this workspace.", mend)
            case Unreadable():
                sentence = f"Who belongs to the user group {id} could not be read: {found.sentence}."
                yield unknown("groups", sentence, _need(found, GROUPS_NEED))
            case frozenset() if not found:
                yield wrong("groups", f"The user group {id} has no members.", "Put somebody into it.")
            case frozenset():
                yield ok("groups", f"The user group {id} has {len(found)} member{'s' * (len(found) > 1)}.")


def _need(found: Unreadable, scope: str) -> str:
    return scope if found.error else AGAIN


def quorum(facts: PeopleFacts) -> Iterator[Diagnosis]:
    """For each rule: can anybody decide, and as many as it asks for?"""
    for name, rule in _rules(facts.authority):
        yield _decides(name, rule, facts)


def _rules(authority: Authority) -> Iterator[tuple[str, Rule]]:
    covered = "in all accounts that no rule covers" if authority.rules else "in all accounts"
    yield covered, authority.default
    for number, rule in enumerate(authority.rules, start=1):
        yield f"by rule {number} ({rule.unit or ', '.join(rule.accounts)})", rule


def _decides(name: str, rule: Rule, facts: PeopleFacts) -> Diagnosis:
    if not rule.approvers:
        mend = "Name somebody in TRAILWARDEN_APPROVERS, or in the rule's approvers."
        return wrong("approval", f"Nobody is named who may approve a change {name}.", mend)
    members, unread = _members(rule, facts)
    able = [id for id in members if facts.people.get(id) is Standing.MEMBER]
    unseen = unread or any(isinstance(facts.people.get(id), Unreadable) or id not in facts.people for id in members)
    most = max(vars(rule.quorum).values())
    if len(able) >= max(most, 2):
        return ok("approval", f"A change {name} can be approved by {len(able)} people or more.")
    if unseen:
        return unknown("approval", f"Whether enough people can approve {name} is not known.", "Mend what is above.")
    return _too_few(name, able, rule, most)


def _too_few(name: str, able: list[str], rule: Rule, most: int) -> Diagnosis:
    """A quorum asks for no more people than there are, so that two is only a wish where there is one."""
    if not able:
        mend = "Name active, full members of the workspace in TRAILWARDEN_APPROVERS."
        return wrong("approval", f"Nobody of those who are named can approve a change {name}.", mend)
    if rule.requesters and set(rule.requesters) == set(able):
        mend = "Name somebody else in TRAILWARDEN_APPROVERS or TRAILWARDEN_REQUESTERS."
        return wrong("approval", f"Only {able[0]} may ask {name}, and nobody else can approve it.", mend)
    asked = f" The quorum of {most} counts as {len(able)} then." if most > len(able) else ""
    alone = f" What {able[0]} asks for nobody can approve." if len(able) == 1 else ""
    plural = f"{len(able)} people" if len(able) > 1 else "1 person"
    return ok("approval", f"A change {name} can be approved by {plural} only.{alone}{asked}")


def _members(rule: Rule, facts: PeopleFacts) -> tuple[tuple[str, ...], bool]:
    """Users and members of groups, each once; and whether a group could not be read."""
    found: list[str] = []
    unread = False
    for id in rule.approvers:
        inside = facts.groups.get(id, frozenset()) if id.startswith("S") else frozenset({id})
        unread |= isinstance(inside, Unreadable)
        found.extend(() if isinstance(inside, Unreadable) else sorted(inside))
    return tuple(dict.fromkeys(found)), unread


CHECKS: tuple[Callable[[PeopleFacts], Iterator[Diagnosis]], ...] = (people, groups, quorum)
