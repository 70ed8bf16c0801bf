"""S3 Control puts the account before the host's name, also of an endpoint that was given: 111122223333.127.0.0.1.

No such name resolves, so a client of the pretend AWS sends to the endpoint itself. Source: botocore's
endpoint-rule-set-1.json of s3control, the rule with RequiresAccountId.
"""

import re
from typing import Any

EVENT = "before-send.s3-control"
"""Of botocore: `client.meta.events.register(EVENT, without_the_account)`."""


def without_the_account(request: Any, **_: Any) -> None:
    """`request` is botocore's AWSPreparedRequest; it goes on, to the host without the account in front."""
    request.url = re.sub(r"^(https?://)\d{12}\.", r"\1", request.url)
