"""Who a station is, and what its maker has decided for it."""

import msgspec


class Identity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who the station is towards the CSMS (BootNotification)."""

    vendor: str = "chargepoint"
    model: str = "chargepoint"
    serial_number: str | None = None
    firmware_version: str | None = None
    box_serial_number: str | None = None
    meter_type: str | None = None
    meter_serial_number: str | None = None
    iccid: str | None = None
    imsi: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the maker decides for a kind of station. Shared by all stations of that kind.

    cache_entries: how many tokens the authorization cache holds. first_version: whose rules hold before the very first connection.
    """

    cache_entries: int = 1000
    first_version: str = "2.0.1"
