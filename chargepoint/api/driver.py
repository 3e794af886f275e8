"""Carries out what a driver enters at the station itself, where no hardware of this kind of station has the keys for it."""

from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.api import verbs
from chargepoint.api.agent import RefusalReason, VerbRefused
from chargepoint.station.transaction import TransactionLimit

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation


def set_limit(station: "ChargingStation", arguments: verbs.Limit) -> dict[str, Any]:
    """Limit the running transaction of an EVSE, or the next one there. Returns the limits that are in force then (2.1 E16).

    They are lower than what was asked for where the CSMS has set less (E16.FR.04).
    Raises: VerbRefused NO_SUCH_PLACE; WRONG_ARGUMENT: no limit is named, or one that this station cannot keep.
    """
    evse = station.evse(arguments.evse)
    if evse is None:
        count = len(station.evses)
        sentence = f"There is no EVSE {arguments.evse}; this station has EVSEs 1 to {count}."
        raise VerbRefused(RefusalReason.NO_SUCH_PLACE, sentence)
    names = TransactionLimit.__struct_fields__
    wanted = TransactionLimit(**{name: getattr(arguments, name) for name in names})
    if not wanted:
        raise VerbRefused(RefusalReason.WRONG_ARGUMENT, f"Name at least one limit: {', '.join(names)}.")
    kept = station.limits.supported(wanted)
    lost = [name for name in names if getattr(wanted, name) is not None and getattr(kept, name) is None]
    if lost:
        sentence = f"This station cannot keep a limit of {', '.join(lost)}: TxCtrlr.SupportedLimits does not have it."
        raise VerbRefused(RefusalReason.WRONG_ARGUMENT, sentence)
    return dict(msgspec.to_builtins(station.limits.set_by_driver(evse, wanted)))
