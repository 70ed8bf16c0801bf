"""Whether the app is still in its workspace.

An event is only the occasion to ask Slack: it may come late, after the app was installed anew.
"""

import logging
from threading import Lock

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers import slack_errors

log = logging.getLogger(__name__)

LOOKS = 12
"""After an event: Slack may send it a moment before the token ends."""
GONE = frozenset({"account_inactive", "token_revoked"})
"""What auth.test says of a token that has ended. `invalid_auth` is none of them: it is said to a forbidden address too.
Source: docs.slack.dev/reference/methods/auth.test.
"""


class Removal:
    """`suspect` is called on an event, `is_gone` by the clock."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._looks = 0
        self._turn = Lock()

    def suspect(self) -> None:
        with self._turn:
            self._looks = LOOKS

    def is_due(self) -> bool:
        """Whether there was an event, of which nothing has come yet."""
        with self._turn:
            due = self._looks > 0
            self._looks -= due
        return due

    def is_gone(self) -> bool:
        """False too where Slack could not be asked."""
        try:
            self._client.auth_test()
        except SlackApiError as refused:
            return slack_errors.code(refused) in GONE
        except (SlackClientError, OSError) as failed:
            log.warning("whether the app is still installed could not be asked: %s", failed)
        return False
