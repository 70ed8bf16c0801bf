"""The command line: `trailwarden audit | serve | doctor | playground | evidence | verify | export`."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import date

EXIT_CANNOT_RUN = 3


def drop_stdout() -> None:
    """What could not be written is not tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> int:
    """Each command imports what it needs when it is called: `audit` loads neither Slack nor a database."""
    try:
        chosen = _parser().parse_args(arguments)
    except SystemExit as usage:
        return EXIT_CANNOT_RUN if usage.code else 0
    command: Callable[[argparse.Namespace], int] = chosen.command
    return command(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("trailwarden", description="Keeps AWS CloudTrail on, in every region.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _audit_arguments(commands.add_parser("audit", help="audit without Slack; exit 0 pass, 1 fail, 2 unknown, 3 error"))
    serve = commands.add_parser("serve", help="run the bot")
    serve.set_defaults(command=_serve)
    doctor = commands.add_parser("doctor", help="say what is wrong and how to mend it; exit 0, 1, 2 unknown, 3")
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    doctor.set_defaults(command=_doctor)
    playground = commands.add_parser("playground", help="try everything on this machine, without Slack or AWS")
    playground.add_argument("--port", type=int, default=8642, help="of the page (default 8642)")
    playground.add_argument(
        "--delivery", choices=("socket", "http"), default="socket", help="how the local Slack reaches the bot"
    )
    playground.add_argument("--keep", action="store_true", help="keep its folder: database, the bot's log, clock")
    playground.set_defaults(command=_playground)
    evidence = commands.add_parser("evidence", help="print the evidence as JSON lines")
    evidence.add_argument("--change", default="", metavar="C-42", help="of one change only")
    evidence.set_defaults(command=_evidence)
    verify = commands.add_parser("verify", help="verify the evidence's chain")
    verify.add_argument("file", nargs="?", help="an export of `trailwarden evidence`; default: the database")
    verify.add_argument("--head", default="", type=_hash, metavar="HASH", help="one that a digest printed")
    verify.set_defaults(command=_verify)
    export = commands.add_parser("export", help="print what the digests found, run by run")
    export.add_argument("--since", type=_day, metavar="DATE", help="from this day (UTC) on, such as 2026-11-23")
    export.add_argument("--format", choices=("csv", "json", "ocsf"), default="csv", help="default csv")
    export.set_defaults(command=_export)
    return parser


class _Version(argparse.Action):
    """The installed package's, looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"trailwarden {version('trailwarden')}")
        parser.exit()


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError("say a day such as 2026-11-23") from None


def _hash(word: str) -> str:
    """Eight characters or more: fewer may be anybody's. None stands for no comparison."""
    if word and not re.fullmatch(r"[0-9a-fA-F]{8,64}", word):
        raise argparse.ArgumentTypeError("a head is 8 to 64 hexadecimal digits, as a digest prints it")
    return word


def _audit_arguments(audit: argparse.ArgumentParser) -> None:
    audit.add_argument("scope", nargs="*", metavar="SCOPE", help="account ids, names, ou:Unit; default: all")
    audit.add_argument("--format", choices=("text", "json", "csv"), default="text")
    audit.add_argument("--profile", choices=("cis", "security-hub"))
    audit.add_argument("--control", action="append", metavar="ID", help="repeatable; default: the three default ones")
    audit.set_defaults(command=_audit)


def _audit(chosen: argparse.Namespace) -> int:
    from bot.audit_command import run

    return run(chosen.scope, chosen.format, chosen.profile, chosen.control)


def _serve(_chosen: argparse.Namespace) -> int:
    from bot.serve_command import run

    return run()


def _doctor(chosen: argparse.Namespace) -> int:
    from bot.doctor_command import run

    return run(chosen.format)


def _playground(chosen: argparse.Namespace) -> int:
    try:
        from bot.playground.command import run
    except ModuleNotFoundError as missing:
        print(
            f"The playground needs the package {missing.name}: pip install 'trailwarden[playground]'.", file=sys.stderr
        )
        return EXIT_CANNOT_RUN
    return run(chosen.port, chosen.delivery, keep=chosen.keep)


def _evidence(chosen: argparse.Namespace) -> int:
    from bot.evidence_command import export

    return export(chosen.change)


def _verify(chosen: argparse.Namespace) -> int:
    from bot.evidence_command import verify

    return verify(chosen.file, chosen.head)


def _export(chosen: argparse.Namespace) -> int:
    from bot.export_command import export

    return export(chosen.since, chosen.format)
