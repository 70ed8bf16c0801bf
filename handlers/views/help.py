"""Examples, for whoever asks and for whoever mistyped."""

from handlers.views.message import Message, section
from handlers.views.words import cut, prose

EXAMPLES = (
    ("/trail-audit", "audit every account in scope"),
    ("/trail-audit 111122223333 prod-payments ou:Prod", "audit these"),
    ("/trail-audit fix 111122223333", "propose the smallest repair"),
    ("/trail-audit create 111122223333", "fill in the create-trail form"),
    ("/trail-audit update my-trail 111122223333", "change a trail by the same form"),
    ("/trail-audit delete my-trail 111122223333", "ask for a trail to be deleted"),
    ("/trail-audit changes", "the changes that are open"),
    ("/trail-audit change C-42", "one change's whole story"),
    ("/trail-audit undo C-42", "ask for a change that was carried out to be taken back"),
    (
        "/trail-audit accept 111122223333 log-delivery until 2027-01-31 because the account is closed by then",
        "ask for a failure to be accepted for a time",
    ),
    ("/trail-audit exceptions", "what is accepted, by whom and until when"),
    ("/trail-audit digest 09:00 Europe/Paris weekdays", "a digest for this channel"),
    ("/trail-audit digest mondays 08:30 UTC ou:Prod only changes", "another one, of these, and silent without news"),
    ("/trail-audit digest", "this channel's digests, to change or to end"),
    ("/trail-audit digest now", "the digest at once"),
    ("/trail-audit digest off", "no more digests here"),
)


PURPOSE = "Trailwarden keeps CloudTrail on. It changes nothing before a second person approves."


def examples(mistake: str = "") -> Message:
    """The mistake first, if there was one."""
    lead = prose(cut(mistake, 300)) if mistake else PURPOSE
    lines = "\n".join(f"• `{command}` {what}" for command, what in EXAMPLES)
    return Message(f"{lead} Type `/trail-audit help` for examples.", (section(lead), section(lines)))
