"""A log file in the trail's bucket, so that the first one can be seen there.

One a look at the trail, for its home region, without a record in it: AWS writes one a region every five minutes or so.
AWS keeps them all. Here the last KEPT stay: somebody may look at a trail once a second for a day.
Source: user guide, "CloudTrail log file name format" and "Finding your CloudTrail log files".
"""

import gzip
import json
from datetime import datetime
from typing import Any
from uuid import uuid4

from moto.s3.models import s3_backends

from bot.playground.aws.delivery_access import Destination

KEPT = 12
"""Files of an account and region in one place of a bucket."""
_NOTHING_HAPPENED = gzip.compress(json.dumps({"Records": []}).encode())


def write_log_file(to: Destination, region: str, at: datetime) -> None:
    partition, owner = s3_backends.bucket_accounts[to.bucket]
    backend = s3_backends[owner][partition]
    backend.put_object(to.bucket, log_file_key(to, region, at), _NOTHING_HAPPENED)
    _forget_old_ones(backend.buckets[to.bucket].keys, _folder(to, region))


def _forget_old_ones(keys: Any, folder: str) -> None:
    """`keys` is moto's, an untyped dict with the oldest first; its own pop stumbles over what a person has deleted."""
    for old in [key for key in list(keys) if key.startswith(folder)][:-KEPT]:
        keys.setlist(old, [])
        dict.pop(keys, old, None)


def log_file_key(to: Destination, region: str, at: datetime) -> str:
    name = f"{to.account_id}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{uuid4().hex[:16]}.json.gz"
    return f"{_folder(to, region)}{at:%Y/%m/%d}/{name}"


def _folder(to: Destination, region: str) -> str:
    """Ends with a slash."""
    above = (to.prefix, "AWSLogs", to.organization_id, to.account_id, "CloudTrail", region)
    return "".join(f"{part}/" for part in above if part)
