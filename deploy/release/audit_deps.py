"""`make audit-deps`: is anything known against what requirements.lock pins? Asks PyPI's advisory database.

Ends with 0 where nothing is known, 1 where something is, and 2 where not all could be looked up. pip-audit ends with 0
too where it skipped every package, so its words count and not its code.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PIP_AUDIT = Path(sys.prefix) / "tools" / "bin" / "pip-audit"
NOTHING, SOMETHING, COULD_NOT_LOOK = 0, 1, 2


def verdict(output: str, complaint: str = "") -> tuple[int, list[str]]:
    """How to end, and what to say, from pip-audit's JSON, or else from the last line of its complaint."""
    try:
        packages: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (ValueError, KeyError):
        why = complaint.strip().splitlines()[-1:]
        return COULD_NOT_LOOK, [
            "No package was looked up, so this is no all-clear. pip-audit said:",
            *(why or ["nothing"]),
        ]
    known, skipped = list(_known(packages)), [p for p in packages if "skip_reason" in p]
    if skipped or not packages:
        words = f"{len(skipped)} of {len(packages)} packages could not be looked up, so this is no all-clear."
        known.append(words + (f" The first: {skipped[0]['skip_reason']}." if skipped else ""))
        return (SOMETHING if len(known) > 1 else COULD_NOT_LOOK), known
    return (SOMETHING, known) if known else (NOTHING, [f"{len(packages)} packages, and nothing is known against them."])


def _known(packages: list[dict[str, Any]]) -> Iterator[str]:
    for package in packages:
        for found in package.get("vulns", ()):
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {found['id']}, mended in {fixed}"


def main() -> int:
    asked = ["--requirement", "requirements.lock", "--require-hashes", "--disable-pip"]
    command = [str(PIP_AUDIT), *asked, "--progress-spinner", "off", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    code, words = verdict(done.stdout, done.stderr)
    print(*words, sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
