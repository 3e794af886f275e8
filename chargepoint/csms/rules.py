"""How the central system answers, when nothing stands in for its answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec


def _count() -> Iterator[int]:
    return itertools.count(1)


class Rules(msgspec.Struct, kw_only=True):
    """What stations and drivers may do; all of it may be changed while stations are connected.

    boot_status: "Accepted", "Pending" or "Rejected"; boot_statuses: for single stations. interval_second: of heartbeats, or of trying
    again; 0 = as the station likes. tokens: status of an idToken, e.g. "Blocked"; token_status: of all others. parent_tokens: idToken → 1.6
    parent or 2.x group.
    """

    boot_status: str = "Accepted"
    boot_statuses: dict[str, str] = {}
    interval_second: int = 300
    tokens: dict[str, str] = {}
    token_status: str = "Accepted"  # noqa: S105 - it is a status
    parent_tokens: dict[str, str] = {}
    data_transfer_status: str = "UnknownVendorId"
    wall: Callable[[], float]
    """The time that stations are told, seconds since 1970 UTC."""
    transaction_ids: Iterator[int] = msgspec.field(default_factory=_count)
    """1.6: the central system numbers transactions."""

    def boot_of(self, station_id: str) -> str:
        """The answer to a station's BootNotification."""
        return self.boot_statuses.get(station_id, self.boot_status)

    def status_of(self, id_token: str) -> str:
        """Whether a driver may charge."""
        return self.tokens.get(id_token, self.token_status)

    def now(self) -> str:
        """The time, as OCPP writes it."""
        return datetime.fromtimestamp(self.wall(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
