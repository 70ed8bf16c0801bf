""" "Could not look" as a type of its own, which no rule can mistake for "nothing there"."""

from dataclasses import dataclass

OWNER_NOT_READ = "OwnerNotRead"
"""The error of a fact that a member cannot see, and that nobody has read in the owner's account."""
REGION_DISABLED = "RegionDisabled"
"""The error of a fact that lies in a region which the account has not enabled."""
FOREIGN_BUCKET = "ForeignBucket"
"""The error of a fact about a bucket that the account does not have among its own."""


@dataclass(frozen=True)
class Unreadable:
    """We could not look: the call, AWS's error code and text, and the permission that would let us look.

    It stands where a fact would stand, so that no rule can mistake it for "nothing there".
    """

    call: str
    error: str
    message: str = ""
    permission: str = ""

    @property
    def sentence(self) -> str:
        if self.error == OWNER_NOT_READ:
            return f"{self.call} shows it to the trail's owner only; {self.message}"
        if self.error == FOREIGN_BUCKET:
            return f"{self.call} was denied, because {self.message}"
        if not self.call:
            return self.message
        need = f"; it needs {self.permission}" if self.permission else ""
        detail = f" ({self.message})" if self.message else ""
        return f"{self.call} answered {self.error}{need}{detail}"  # where it is cut, AWS's own words go first


NOT_ASKED = Unreadable("", "NotAsked", "nobody asked for it")
"""What stands for a fact that was not wanted; no rule may judge by it."""
