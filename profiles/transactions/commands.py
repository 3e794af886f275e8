"""What the CSMS asks about transactions."""

import msgspec

from chargepoint.station.command import Command


class GetTransactionStatus(Command, frozen=True, kw_only=True):
    """Does a transaction run, and are messages of it (None: of any) still queued? Result: TransactionStatus. (2.x E14)"""

    transaction_id: str | None = None


class TransactionStatus(msgspec.Struct, frozen=True):
    """ongoing: None when no transaction was named."""

    messages_in_queue: bool
    ongoing: bool | None = None
