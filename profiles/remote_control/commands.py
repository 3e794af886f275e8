"""What the CSMS asks to be done at the station."""

import msgspec

from chargepoint.station.command import Command
from chargepoint.station.token import Token
from profiles.smart_charging.commands import OfferedProfile


class RequestStart(Command, frozen=True, kw_only=True):
    """Start charging for a driver. Result: StartResult. (2.x F01, F02; 1.6 §5.11)

    evse_id: 0 = the station chooses. connector_id: 0 = whichever of the EVSE; 1.6 names one. remote_start_id: None in 1.6. group: that the
    driver is of, as the CSMS says it. charging_profile: for the transaction.
    """

    token: Token
    evse_id: int = 0
    connector_id: int = 0
    remote_start_id: int | None = None
    group: Token | None = None
    charging_profile: OfferedProfile | None = None


class StartResult(msgspec.Struct, frozen=True):
    """transaction_id: of a transaction that runs already (2.x F01.FR.13)."""

    accepted: bool
    transaction_id: str | None = None
    reason_code: str = ""
    additional_info: str = ""


class RequestStop(Command, frozen=True, kw_only=True):
    """End a transaction, named by the station's id (2.x F03) or by the number that the 1.6 CSMS gave.

    Result: Result Accepted or Rejected.
    """

    transaction_id: str | None = None
    csms_id: int | None = None


class UnlockConnector(Command, frozen=True, kw_only=True):
    """Unlock a plug (2.x F05; 1.6 §5.18).

    Result: Result Unlocked, UnlockFailed, OngoingAuthorizedTransaction, UnknownConnector, NotSupported.
    """

    evse_id: int
    connector_id: int


class TriggerMessage(Command, frozen=True, kw_only=True):
    """Send a message that the station would send by itself. Result: Result Accepted, Rejected or NotImplemented. (2.x F06; 1.6 §5.17)

    kind: 2.x MessageTriggerEnumType, and what 1.6 has besides. evse_id: None = all that apply, 0 = the station as a whole. connector_id:
    0 = all of the EVSE.
    """

    kind: str
    evse_id: int | None = None
    connector_id: int = 0
