"""The ids of buttons and forms; a button's value is an id of ours, never data to carry out."""

import re

ANY = re.compile(".*", re.DOTALL)
"""What no listener of this version knows."""

PROPOSE_FIX = "propose_fix"
APPROVE = "approve"
DENY = "deny"
CANCEL = "cancel"
FULL_PLAN = "full_plan"
PROPOSE_UNDO = "propose_undo"

CREATE_FORM = "create_trail"
DELETE_FORM = "delete_trail"
DENY_FORM = "deny_change"

NAME = "name"
BUCKET = "bucket"
BUCKET_KIND = "bucket_kind"
PREFIX = "prefix"
VALIDATION = "validation"
TYPED = "typed"
REASON = "reason"
