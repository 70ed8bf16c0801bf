"""Read the accounts in scope, judge them, and make the report. Changes nothing and tells nobody."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from bot.domain.authority import is_id
from bot.domain.control import Control, Need, Profile
from bot.domain.controls import CONTROLS, multi_region_trail, named, near_control
from bot.domain.finding import AccountReport, Report, Verdict
from bot.domain.organization import owners_to_read, shared
from bot.domain.plan import judged
from bot.domain.refusal import Refused
from bot.domain.trail import Account, Snapshot, Unreadable
from bot.ports import Accounts, Clock, Cloud, Wish

Progress = Callable[[int, int], None]
"""Called with (accounts done, accounts in all, as far as they are listed)."""


@dataclass(frozen=True)
class Order:
    """What to audit: words that name accounts (none, or "all": every one), control ids, profile."""

    run: str
    scope: tuple[str, ...]
    controls: tuple[str, ...]
    profile: Profile = Profile.CIS


def audit(cloud: Cloud, clock: Clock, order: Order, progress: Progress = lambda _done, _total: None) -> Report:
    """Raises Refused for a scope that names nothing, CannotRunError where no account could be listed."""
    return audit_these(cloud, clock, order, in_scope(cloud, order.scope), progress)


def audit_these(cloud: Cloud, clock: Clock, order: Order, pages: Iterable[Accounts], progress: Progress) -> Report:
    """The report on accounts that `in_scope` has found."""
    started = clock.now()
    controls = named(order.controls)
    listing = _Listing(pages, progress)
    snapshots = _gathered(cloud, listing, Wish(needs=needed(controls)))
    if _names_accounts(order.scope):
        snapshots = _explained(cloud, snapshots, order.profile)
    reports = tuple(_judged(s, controls, order.profile) for s in snapshots)
    ids, left_out = tuple(c.id for c in controls), tuple(listing.left_out)
    return Report(order.run, order.profile, ids, reports, started, clock.now(), left_out, listing.complete)


class _Listing:
    """The accounts, handed on page by page while they are still being listed, and remembered in their order."""

    def __init__(self, pages: Iterable[Accounts], progress: Progress) -> None:
        self.accounts: list[Account] = []
        self.left_out: list[str] = []
        self.complete = True
        self._pages = pages
        self._progress = progress
        self._done = 0

    def __iter__(self) -> Iterator[Account]:
        for page in self._pages:
            self.accounts.extend(page.accounts)
            self.left_out.extend(page.left_out)
            self.complete = self.complete and page.complete
            self._progress(self._done, len(self.accounts))
            yield from page.accounts

    def one_done(self) -> None:
        self._done += 1
        self._progress(self._done, len(self.accounts))


def _judged(snapshot: Snapshot, controls: tuple[Control, ...], profile: Profile) -> AccountReport:
    return AccountReport(snapshot.account, judged(snapshot, controls, profile))


EXPLAINED = 10
"""So many failing accounts are searched region by region: some 20 calls each, so never in an audit of everything."""


def _names_accounts(scope: tuple[str, ...]) -> bool:
    """Whoever names an account wants to know why it fails."""
    return any(word.lower() != "all" and not word.lower().startswith("ou:") for word in scope)


def _explained(cloud: Cloud, snapshots: tuple[Snapshot, ...], profile: Profile) -> tuple[Snapshot, ...]:
    """With the single-region trails of the accounts that have no good trail: they may be a way out."""
    failing = [s.account.id for s in snapshots if multi_region_trail.judge(s, profile).verdict is Verdict.FAIL]
    chosen = frozenset(failing[:EXPLAINED])
    return tuple(
        s.with_survey_of(cloud.snapshot(s.account, Wish(survey=True))) if s.account.id in chosen else s
        for s in snapshots
    )


def needed(controls: tuple[Control, ...]) -> frozenset[Need]:
    """What these controls ask for beyond the calls of every audit."""
    return frozenset().union(*(c.needs for c in controls))


def _gathered(cloud: Cloud, listing: _Listing, wish: Wish) -> tuple[Snapshot, ...]:
    """In the order of the accounts, with what only an organization trail's owner can see."""
    found: dict[str, Snapshot] = {}
    for snapshot in cloud.snapshots(listing, wish):
        found[snapshot.account.id] = snapshot
        listing.one_done()
    return with_owners(cloud, tuple(found[a.id] for a in listing.accounts))


def with_owners(cloud: Cloud, snapshots: tuple[Snapshot, ...]) -> tuple[Snapshot, ...]:
    """Owners that are not among the snapshots are read once for all."""
    known = {s.account.id: s for s in snapshots}
    owners = [known.get(id) or _read_owner(cloud, id, snapshots) for id in owners_to_read(snapshots)]
    return tuple(shared(s, owners) for s in snapshots)


def _read_owner(cloud: Cloud, id: str, snapshots: tuple[Snapshot, ...]) -> Snapshot:
    return cloud.snapshot(replace(snapshots[0].account, id=id, name=""))


def in_scope(cloud: Cloud, scope: tuple[str, ...]) -> Iterable[Accounts]:
    """Every account, page by page, or those that the words name. Raises Refused for a word that names none."""
    return cloud.pages() if _is_everything(scope) else (scoped(cloud, scope),)


def _is_everything(scope: tuple[str, ...]) -> bool:
    return not scope or any(word.lower() == "all" for word in scope)


def scoped(cloud: Cloud, scope: tuple[str, ...]) -> Accounts:
    """The accounts that the words name: ids, names, `ou:` units. Raises Refused for a word that names none."""
    everything = cloud.accounts()
    if _is_everything(scope):
        return everything
    try:
        chosen = {id for word in scope for id in _ids(cloud, word, everything.accounts)}
    except Refused as unknown:
        raise _perhaps_unlisted(unknown, everything) from unknown
    found = tuple(a for a in everything.accounts if a.id in chosen)
    return Accounts(found) if everything.complete or _all_by_id(scope) else replace(everything, accounts=found)


def _all_by_id(scope: tuple[str, ...]) -> bool:
    """Only an id names exactly one account: of a name or a unit there may be more among those not listed."""
    return all(word.isdecimal() for word in scope)


def _perhaps_unlisted(unknown: Refused, listed: Accounts) -> Refused:
    """Where not all accounts could be listed, the one that is not found may be among the others."""
    return unknown if listed.complete else Refused(f"{unknown} {' '.join(listed.left_out)}")


def _ids(cloud: Cloud, word: str, accounts: tuple[Account, ...]) -> frozenset[str]:
    if word.lower().startswith("ou:"):
        return _ids_under(cloud, word[3:], accounts)
    matching = frozenset(a.id for a in accounts if word and word.lower() == (a.id if is_id(word) else a.name.lower()))
    if not matching:
        raise Refused(f"No account in scope is called {word}.{_near(word, accounts)}")
    return matching


def _ids_under(cloud: Cloud, unit: str, accounts: tuple[Account, ...]) -> frozenset[str]:
    found = cloud.under(unit)
    if isinstance(found, Unreadable):
        raise Refused(f"The organizational units could not be read: {found.sentence}. Name the accounts instead.")
    matching = found & {a.id for a in accounts}
    if not matching:
        raise Refused(
            f"No account in scope is in an organizational unit called {unit}.{_near_unit(cloud, unit, accounts)} Give "
            "its path, as `ou:Root/Prod`, or name the accounts."
        )
    return matching


def _near(word: str, accounts: tuple[Account, ...]) -> str:
    """A name with a blank in it would be two words, so the id is said as well."""
    meant = {a.name.lower(): f"{a.name}, which is {a.id}" if " " in a.name else a.name for a in accounts if a.name}
    names = {a.id: a.id for a in accounts} | meant
    near = difflib.get_close_matches(word.lower(), names, n=1)
    return f" Did you mean {names[near[0]]}?" if near else " `/trail-audit` shows those that are."


def _near_unit(cloud: Cloud, unit: str, accounts: tuple[Account, ...]) -> str:
    """By its path where a path was typed; from Slack one with a blank in its name cannot be named."""
    paths = cloud.paths()
    if isinstance(paths, Unreadable):
        return ""
    whole = {path for a in accounts for path in accumulate(paths.get(a.id, "").split("/"), "{}/{}".format)}
    names = (path if "/" in unit else path.rsplit("/", 1)[-1] for path in whole)
    units = {name.lower(): name for name in sorted(names) if " " not in name}
    near = difflib.get_close_matches(unit.lower(), units, n=1)
    return f" Did you mean ou:{units[near[0]]}?" if near else ""


def one_account(cloud: Cloud, word: str) -> Account:
    """The one account that the word names. Raises Refused where it names several."""
    found = scoped(cloud, (word,)).accounts
    if len(found) > 1:
        raise Refused(f"{word} names {len(found)} accounts: {', '.join(a.id for a in found)}. Say which by its id.")
    return found[0]


def known_controls(ids: tuple[str, ...]) -> tuple[str, ...]:
    """The ids, if there are such controls. Raises Refused."""
    for sentence in unknown_controls(ids):
        raise Refused(sentence)
    return ids


def unknown_controls(ids: tuple[str, ...]) -> Iterator[str]:
    """A sentence for each id that is no control's."""
    known = [c.id for c in CONTROLS]
    for id in ids:
        if id not in known:
            meant = near_control(id)
            perhaps = f" Did you mean {meant}?" if meant else ""
            yield f"There is no control {id}.{perhaps} There are: {', '.join(known)}."
