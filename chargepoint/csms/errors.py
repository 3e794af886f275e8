"""What can go wrong when the central system calls a station."""

from __future__ import annotations


class NotConnectedError(LookupError):
    """There is no such station, or it is not connected."""


class CallFailedError(Exception):
    """A station gave no usable answer. code: OCPP's error code, "Timeout" or "ConnectionLost"."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}" if description else code)
        self.code = code
        self.description = description
