"""What is counted of the drivers of a process."""

from __future__ import annotations

import msgspec


class SessionCounts(msgspec.Struct):
    """Counts since the beginning; those of several processes add up.

    begun, ended: charging sessions, that is visits in which there was a transaction. refused: visits that ended because the card was
    not accepted. refused_by_csms: those of them where the CSMS was asked, or told of the transaction, and did not say yes.
    refused_by_station: the others, where the station had no connection, was not accepted yet, had no EVSE free, or knew the card and asked
    nobody. abandoned: the driver lost patience, or the power failed while he waited. turned_away: the EVSE was in use, faulted, out of
    order or switched off when he came. skipped: pauses of the generator after which no transaction was to come (probabilityOfStart).
    energy_watt_hour: what has flowed into cars.
    """

    begun: int = 0
    ended: int = 0
    refused: int = 0
    refused_by_csms: int = 0
    refused_by_station: int = 0
    abandoned: int = 0
    turned_away: int = 0
    skipped: int = 0
    energy_watt_hour: float = 0.0

    @property
    def active(self) -> int:
        """Sessions that go on."""
        return self.begun - self.ended

    def add(self, other: SessionCounts) -> None:
        """Count what another process has counted as well."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
