"""How much current an EVSE may offer: the least of hardware, cable and limits, with the 6 A floor of IEC 61851-1."""

from chargepoint.station.evse import Evse

MINIMUM_AMPERE = 6.0


def hardware_ampere(evse: Evse) -> float:
    """Ampere per phase that EVSE and cable can carry."""
    cable = evse.connector.cable_ampere
    return evse.maximum_ampere if cable is None else min(evse.maximum_ampere, cable)


def permitted_ampere(evse: Evse, limit_ampere: float | None = None) -> float:
    """Ampere per phase that may be offered; 0 when less than the floor would remain (the session is paused).

    limit_ampere: what smart charging and local limits allow, None = no limit, which is not 0.
    """
    ampere = hardware_ampere(evse)
    if limit_ampere is not None:
        ampere = min(ampere, limit_ampere)
    return ampere if ampere >= MINIMUM_AMPERE or evse.supply == "DC" else 0.0
