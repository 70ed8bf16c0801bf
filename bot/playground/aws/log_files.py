"""A log file in the trail's bucket, so that the first one can be seen there.

One a look at the trail, for its home region, without a record in it: AWS writes one a region every five minutes or so.
Source: user guide, "CloudTrail log file name format" and "Finding your CloudTrail log files".
"""

import gzip
import json
from datetime import datetime
from uuid import uuid4

from moto.s3.models import s3_backends

from bot.playground.aws.delivery_access import Destination

_NOTHING_HAPPENED = gzip.compress(json.dumps({"Records": []}).encode())


def write_log_file(to: Destination, region: str, at: datetime) -> None:
    partition, owner = s3_backends.bucket_accounts[to.bucket]
    s3_backends[owner][partition].put_object(to.bucket, log_file_key(to, region, at), _NOTHING_HAPPENED)


def log_file_key(to: Destination, region: str, at: datetime) -> str:
    folder = (to.prefix, "AWSLogs", to.organization_id, to.account_id, "CloudTrail", region, f"{at:%Y/%m/%d}")
    name = f"{to.account_id}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{uuid4().hex[:16]}.json.gz"
    return "/".join(filter(None, (*folder, name)))
