"""From the settings to the rules on who may do what."""

from bot.domain.authority import Authority, Quorum, Rule
from config.rules import RuleSettings
from config.settings import Settings


def authority(settings: Settings) -> Authority:
    default = Rule(settings.approvers, settings.requesters, settings.ping, Quorum(**settings.quorum))
    return Authority(default, tuple(_rule(rule, default, settings) for rule in settings.rules))


def _rule(said: RuleSettings, default: Rule, settings: Settings) -> Rule:
    """What the rule does not say is the default's."""
    return Rule(
        approvers=default.approvers if said.approvers is None else said.approvers,
        requesters=default.requesters if said.requesters is None else said.requesters,
        ping=default.ping if said.ping is None else said.ping,
        quorum=Quorum(**{**settings.quorum, **said.quorum}),
        accounts=said.accounts,
        unit=said.ou,
    )
