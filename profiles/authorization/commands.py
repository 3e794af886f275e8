"""What the CSMS asks of authorization."""

from chargepoint.station.command import Command


class ClearCache(Command, frozen=True, kw_only=True):
    """Forget all cached tokens. Result: Result Accepted or Rejected. (2.x C11; 1.6 §5.4)"""
