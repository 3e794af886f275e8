"""Why a store cannot be opened, in sentences for the person who must act.

StoreError
UnreadableFactError     a queued fact that this version does not know; it is kept
"""

from enum import Enum


class StoreFault(Enum):
    """What keeps a store from being opened."""

    IN_USE = "in use"  # by another process
    NOT_WRITABLE = "not writable"
    NO_SPACE = "no space"
    NEWER = "newer"  # written by a later version of this program
    FOREIGN = "foreign"  # a database of something else
    UNREADABLE = "unreadable"


class StoreError(Exception):
    """The store cannot be opened; nothing was changed."""

    def __init__(self, reason: StoreFault, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class UnreadableFactError(ValueError):
    """A stored fact cannot be read: its kind is unknown, or it does not fit the kind any more."""
