"""What becomes of a reservation without the CSMS's doing."""

from typing import ClassVar

from chargepoint.station.facts import Fact, Lane


class ReservationEnded(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A reservation is over. status: 2.x ReservationUpdateStatusEnumType (Expired, Removed, NoTransaction). (H01, H03, H04)"""

    lane: ClassVar[Lane] = Lane.EVENT
    reservation_id: int
    status: str
