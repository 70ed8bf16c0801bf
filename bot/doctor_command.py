"""`trailwarden doctor`: what is wrong with the settings, Slack, the database, the clock and AWS, and how to mend it.

It writes nothing to AWS, assumes no change role, posts nothing, and leaves the database as it is.
"""

from bot.doctor_report import FORMATS
from bot.domain.doctor import State, worst
from bot.examination import parts
from bot.printing import printed
from bot.progress import progress

EXIT = {State.OK: 0, State.WRONG: 1, State.UNKNOWN: 2}


def run(form: str) -> int:
    """The exit code: 0 all is well, 1 something is wrong, 2 something could not be looked at, 3 it could not run."""
    return printed("The diagnosis", lambda: _told(form))


def _told(form: str) -> int:
    with progress("Looking at accounts") as seen:
        found = parts(seen)
    FORMATS[form](found)
    return EXIT[worst(d for part in found for d in part.found)]
