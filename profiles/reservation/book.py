"""Reservations as a question of arithmetic: which EVSEs must stay free so that every reservation can still be kept.

Rule 1. A reservation is content with any EVSE of those that suit it; one EVSE keeps one reservation.
Rule 2. An EVSE is kept when, without it, some reservation could no longer be. So one that is reserved by number is kept, and the EVSEs
that suit unspecific reservations are kept as soon as there are no more of them than such reservations (H01.FR.07, FR.09, FR.20, FR.24).
Rule 3. Where not all can be kept any more, the earlier reservation goes before the later.
"""

from collections.abc import Collection, Sequence

import msgspec

from chargepoint.station.token import Token


class Reservation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reservation, as it is stored.

    serial: in which order they were made. expiry: seconds since 1970 UTC. evse_id: 0 = whichever suits. connector_id: 0 = any of the EVSE.
    kind: connector type, None = any.
    """

    id: int
    serial: int
    token: Token
    expiry: float
    evse_id: int = 0
    connector_id: int = 0
    kind: str | None = None
    group: Token | None = None

    def is_for(self, token: Token, group: Token | None) -> bool:
        """Whether the driver with this token, who is a member of `group`, may use it (H03.FR.01–06; 1.6 §5.13)."""
        return self.token.same(token) or (self.group is not None and self.group.same_group(group))


def assigned(suitable: Sequence[Collection[int]]) -> list[int | None]:
    """One EVSE for each of the reservations, out of those that suit it; None for those that cannot be kept (rules 1 and 3)."""
    holder: dict[int, int] = {}

    def place(reservation: int, tried: set[int]) -> bool:
        for evse_id in suitable[reservation]:
            if evse_id not in tried:
                tried.add(evse_id)
                if evse_id not in holder or place(holder[evse_id], tried):
                    holder[evse_id] = reservation
                    return True
        return False

    for reservation in range(len(suitable)):
        place(reservation, set())
    places = {reservation: evse_id for evse_id, reservation in holder.items()}
    return [places.get(reservation) for reservation in range(len(suitable))]


def satisfiable(suitable: Sequence[Collection[int]], without: int = 0) -> bool:
    """Whether all reservations can be kept, on EVSEs other than `without`."""
    return None not in assigned([[evse_id for evse_id in evses if evse_id != without] for evses in suitable])


def kept(suitable: Sequence[Collection[int]]) -> frozenset[int]:
    """The EVSEs that nobody else may use (rule 2), where all reservations can be kept."""
    return frozenset(
        evse_id for evse_id in {one for evses in suitable for one in evses} if not satisfiable(suitable, evse_id)
    )
