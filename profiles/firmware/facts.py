"""What becomes of firmware updates."""

from chargepoint.station.facts import Fact


class FirmwareStatusReported(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """How far a firmware update is. status: 2.x FirmwareStatusEnumType. request_id: of the update, None = there is none (L01.FR.20)."""

    status: str
    request_id: int | None = None


class SignedFirmwareStatusReported(FirmwareStatusReported, frozen=True, kw_only=True, omit_defaults=True):
    """The same of a signed update, for which 1.6 has a message of its own (security extension L01)."""
