"""The session on an EVSE, seen from the hardware and the driver: plug, unplug, contactor, bay sensor, stop button, authorization.

Order of driver's actions is free: cable first or card first (E02, E03). What is authorized and not plugged in within
EVConnectionTimeOut is given up (E03.FR.05; 1.6 §9.1.5).
"""

from typing import TYPE_CHECKING

from chargepoint.station.command import Service
from chargepoint.station.evse import Authorization, Evse
from chargepoint.station.token import Token, TokenInfo
from hal.contract import (
    ContactorChanged,
    LockChanged,
    OccupancyChanged,
    PilotState,
    PilotStateChanged,
    ProximityChanged,
    StopPressed,
)
from profiles.transactions import variables

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation


class SessionService(Service):
    """What hardware and driver do to the session of an EVSE."""

    __slots__ = ()

    station: "ChargingStation"

    # --- hardware ----------------------------------------------------------------------------------------------------

    def pilot_changed(self, event: PilotStateChanged) -> None:
        """The vehicle came, went, asked for power or stopped asking."""
        evse = self.station.evse(event.evse_id)
        if evse is None or evse.pilot is event.state:
            return
        was_plugged = evse.plugged
        evse.pilot = event.state
        self.station.touch(evse)
        self.station.notify("pilot", evse_id=evse.id, state=event.state.value)
        if evse.plugged and not was_plugged:
            self._plugged(evse)
        elif was_plugged and event.state is PilotState.A:
            self._unplugged(evse)
        else:
            self.station.transactions.advance(evse, "ChargingStateChanged", report=False)

    def _plugged(self, evse: Evse) -> None:
        evse.plugged_since = self.station.clock.now()
        evse.finishing = False
        evse.stop_timer("resume")
        self.station.authorization.plugged(evse)
        authorization = evse.authorization
        if authorization is not None and authorization.deadline is not None:
            authorization.deadline.cancel()
            authorization.deadline = None
        reconnected = evse.transaction is not None
        self.station.transactions.advance(
            evse, "EVDetected" if reconnected and authorization is None else "CablePluggedIn"
        )

    def _unplugged(self, evse: Evse) -> None:
        evse.plugged_since = None
        station = self.station
        if evse.transaction is None:
            self._end_authorization(evse)
            evse.finishing = False
            station.transactions.advance(evse, "EVDeparted", report=False)
            return
        if station.get(variables.STOP_TX_ON_EV_SIDE_DISCONNECT) or evse.authorization is None:
            self._end_authorization(evse)
        station.transactions.advance(evse, "EVCommunicationLost", reason="EVDisconnected")

    def proximity_changed(self, event: ProximityChanged) -> None:
        """A cable was put in or taken out of the station's socket."""
        evse = self.station.evse(event.evse_id)
        if evse is None or not 0 < event.connector_id <= len(evse.connectors):
            return
        evse.connectors[event.connector_id - 1].cable_ampere = event.cable_ampere
        self.station.touch(evse)

    def contactor_changed(self, event: ContactorChanged) -> None:
        """The main contacts opened or closed, as the mirror contact says."""
        evse = self.station.evse(event.evse_id)
        if evse is None or evse.contactor_closed is event.closed:
            return
        evse.contactor_closed = event.closed
        self.station.transactions.contactor_changed(evse)
        self.station.notify("contactor", evse_id=evse.id, closed=event.closed)
        self.station.transactions.advance(evse, "ChargingStateChanged", report=False)

    def lock_changed(self, event: LockChanged) -> None:
        """The bolt moved."""
        evse = self.station.evse(event.evse_id)
        if evse is not None and 0 < event.connector_id <= len(evse.connectors):
            evse.connectors[event.connector_id - 1].locked = event.locked

    def occupancy_changed(self, event: OccupancyChanged) -> None:
        """A vehicle arrived in, or left, the parking bay."""
        evse = self.station.evse(event.evse_id)
        if evse is None or evse.occupied is event.occupied:
            return
        evse.occupied = event.occupied
        trigger, reason = ("EVDetected", "Local") if event.occupied else ("EVDeparted", "Local")
        self.station.transactions.advance(evse, trigger, reason=reason)

    def stop_pressed(self, event: StopPressed) -> None:
        """The driver pressed the stop button (2.x E07; the transaction ends without a token)."""
        evse = self.station.evse(event.evse_id)
        if evse is not None and evse.authorization is not None:
            self.stop(evse, "StopAuthorized", "Local")

    # --- authorization of the session ----------------------------------------------------------------------------------

    def authorize(
        self,
        evse: Evse,
        token: Token,
        info: TokenInfo | None,
        *,
        origin: str,
        trigger: str,
        remote_start_id: int | None = None,
        pending: bool = False,
    ) -> None:
        """The driver may charge here. trigger: Authorized or RemoteStart."""
        station = self.station
        authorization = Authorization(token, station.clock.now(), origin)
        authorization.info = info
        authorization.group = info.group if info is not None else None
        authorization.remote_start_id = remote_start_id
        authorization.pending = pending
        evse.authorization = authorization
        evse.finishing = False
        if not evse.plugged:
            timeout = station.get(variables.EV_CONNECTION_TIMEOUT)
            if timeout > 0:
                authorization.deadline = station.after(timeout, lambda: self._not_plugged_in(evse, authorization))
        station.notify("authorized", evse_id=evse.id, origin=origin)
        station.transactions.advance(evse, trigger)

    def _not_plugged_in(self, evse: Evse, authorization: Authorization) -> None:
        if evse.authorization is not authorization or evse.plugged:
            return
        evse.authorization = None
        self.station.notify("connection_timeout", evse_id=evse.id)
        self.station.transactions.advance(evse, "EVConnectTimeout", reason="Timeout")

    def stop(self, evse: Evse, trigger: str, reason: str, *, stopper: Token | None = None) -> None:
        """End the authorization, and with it, as the stop points say, the transaction.

        trigger: StopAuthorized, RemoteStop, Deauthorized, ResetCommand, UnlockCommand, AbnormalCondition …
        """
        transaction = evse.transaction
        self._end_authorization(evse)
        evse.finishing = evse.plugged
        if transaction is not None:
            transaction.stop_token = stopper
        self.station.transactions.advance(evse, trigger, reason=reason, stopper=stopper)
        if evse.transaction is not None:
            evse.transaction.stop_reason = reason
            self.station.transactions.save(evse.transaction)

    def terminate(self, evse: Evse, trigger: str, reason: str) -> None:
        """End the transaction whatever the stop points say (reset, fault, out of service)."""
        self._end_authorization(evse)
        evse.finishing = evse.plugged
        self.station.transactions.end(evse, trigger, reason)

    def _end_authorization(self, evse: Evse) -> None:
        authorization = evse.authorization
        if authorization is not None:
            if authorization.deadline is not None:
                authorization.deadline.cancel()
            evse.authorization = None
