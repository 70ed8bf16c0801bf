"""What the policy files in config/iam allow."""

import json
from pathlib import Path

CHANGE = Path(__file__).parent / "iam" / "change.json"


def change_actions() -> tuple[str, ...]:
    """The IAM actions of the change role's policy, in the order of the file."""
    statements = json.loads(CHANGE.read_text())["Statement"]
    return tuple(action for statement in statements for action in statement["Action"])
