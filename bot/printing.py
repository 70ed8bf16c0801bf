"""How a command of the command line ends: results on stdout, or one sentence on stderr."""

import sys
import traceback
from collections.abc import Callable

from bot.cli import EXIT_CANNOT_RUN, drop_stdout
from bot.domain.refusal import Refused
from bot.ports import CannotRunError
from config.settings import SettingsError


def printed(what: str, work: Callable[[], int]) -> int:
    """The exit code of `work`, which prints `what`; 3 where it cannot be done, or not be written to its end."""
    try:
        code = work()
        sys.stdout.flush()
        return code
    except (SettingsError, CannotRunError, Refused) as why:
        print(why, file=sys.stderr)
    except BrokenPipeError:  # the reader has seen enough
        raise
    except OSError as full:
        drop_stdout()
        print(f"{what} could not be written: {full.strerror or full}.", file=sys.stderr)
    except Exception:  # noqa: BLE001 - Python's own exit code 1 would say "something fails", or "altered"
        traceback.print_exc()
    return EXIT_CANNOT_RUN
