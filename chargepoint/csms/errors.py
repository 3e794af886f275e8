"""What can go wrong when the central system calls a station."""

from __future__ import annotations

from collections.abc import Iterable


class NotConnectedError(LookupError):
    """There is no such station, or it is not connected. connected: those that are."""

    def __init__(self, station_id: str, connected: Iterable[str]) -> None:
        super().__init__(f"{station_id} is not connected; connected are: {', '.join(connected) or 'none'}")


class CallFailedError(Exception):
    """A station gave no usable answer. code: OCPP's error code, "Timeout" or "ConnectionLost"."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}" if description else code)
        self.code = code
        self.description = description
