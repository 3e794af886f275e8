"""The session on an EVSE, seen from the hardware and the driver: plug, unplug, contactor, bay sensor, stop button, authorization.

Order of driver's actions is free: cable first or card first (E02, E03). What is authorized and not plugged in within
EVConnectionTimeOut is given up (E03.FR.05; 1.6 §9.1.5).
"""

from typing import TYPE_CHECKING

from chargepoint.station.evse import Authorization, Evse
from chargepoint.station.schedule import Profile
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
from profiles.service import BlockService
from profiles.transactions import points, variables

if TYPE_CHECKING:
    pass


class SessionService(BlockService):
    """What hardware and driver do to the session of an EVSE."""

    __slots__ = ()

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
            reason = "StoppedByEV" if evse.demanded[0] else "Other"
            self.station.transactions.advance(evse, "ChargingStateChanged", reason=reason, report=False)

    def _plugged(self, evse: Evse) -> None:
        station = self.station
        evse.plugged_since = station.clock.now()
        evse.finishing = evse.left_in_transaction = False
        station.readers.plugged(evse)
        authorization = evse.authorization
        if authorization is not None:
            authorization.anywhere = False
            if authorization.deadline is not None:
                authorization.deadline.cancel()
                authorization.deadline = None
        if evse.transaction is not None:
            evse.transaction.reported_place = False
        if authorization is not None and not self._may_be_used(evse):
            station.notify("wrong_connector", evse_id=evse.id, connector_id=evse.connector.id)
            if evse.transaction is None:
                self.end_authorization(evse)
            else:
                self.stop(evse, "Deauthorized", "Other")
        station.transactions.advance(evse, "CablePluggedIn")

    def _may_be_used(self, evse: Evse) -> bool:
        """Whether the connector with the cable is one that is operative, and the one that the CSMS has named, where it has."""
        connector = evse.connector
        named = evse.chosen_connector_id in (0, connector.id)
        return named and self.station.operability.is_operative(evse, connector)

    def _unplugged(self, evse: Evse) -> None:
        evse.plugged_since = None
        evse.finishing = evse.finishing and evse.cable_present
        evse.left_in_transaction = evse.transaction is not None
        station, authorization = self.station, evse.authorization
        if authorization is not None:
            if station.get(variables.STOP_TX_ON_EV_SIDE_DISCONNECT):  # E09.FR.01
                if not station.get(variables.UNLOCK_ON_EV_SIDE_DISCONNECT):  # E09.FR.03
                    self.keep_cable(evse)
                self.end_authorization(evse)
            elif evse.connector.fixed_cable and station.policy.gives_up_disconnected_vehicle:  # E10.FR.02
                self.expect_vehicle(evse, authorization)
        station.transactions.advance(evse, "EVCommunicationLost", reason="EVDisconnected")
        if evse.authorization is None:
            evse.chosen_connector_id = 0

    def proximity_changed(self, event: ProximityChanged) -> None:
        """A cable was put in or taken out of the station's socket."""
        evse = self.station.evse(event.evse_id)
        if evse is None or not 0 < event.connector_id <= len(evse.connectors):
            return
        connector = evse.connectors[event.connector_id - 1]
        connector.cable_ampere = event.cable_ampere
        if event.cable_ampere is None:
            connector.kept_for = None
            if not evse.cable_present:
                evse.finishing = evse.left_in_transaction = False
        self.station.touch(evse)

    def contactor_changed(self, event: ContactorChanged) -> None:
        """The main contacts opened or closed, as the mirror contact says."""
        evse = self.station.evse(event.evse_id)
        if evse is None or evse.contactor_closed is event.closed:
            return
        evse.contactor_closed = event.closed
        self.station.charging.contactor_changed(evse)
        if not event.closed:
            self.station.closing.contactor_opened(evse)
        self.station.notify("contactor", evse_id=evse.id, closed=event.closed)
        if evse.stopping_fault is not None or self.station.availability.station_fault is not None:
            self.station.touch(evse)  # the fault ends the transaction by itself, and says why (E06.FR.16)
        else:
            self.station.transactions.advance(evse, "ChargingStateChanged", reason="Other", report=False)

    def lock_changed(self, event: LockChanged) -> None:
        """The bolt moved."""
        evse = self.station.evse(event.evse_id)
        if evse is None or not 0 < event.connector_id <= len(evse.connectors):
            return
        connector = evse.connectors[event.connector_id - 1]
        connector.locked = event.locked
        if event.locked and not connector.lock_wanted:
            connector.lock_wanted = True  # left over from before a restart: released below, unless it is wanted again
            self.station.touch(evse)
        elif not event.locked and connector.kept_for is not None:
            connector.kept_for = None
            connector.lock_wanted = False
            self.station.touch(evse)
        elif connector is evse.connector and evse.authorization is not None:
            self.station.touch(evse)
            if event.locked:
                self.station.transactions.advance(evse, _what_was_last(evse, evse.authorization), report=False)

    def occupancy_changed(self, event: OccupancyChanged) -> None:
        """A vehicle arrived in, or left, the parking bay."""
        evse = self.station.evse(event.evse_id)
        if evse is None or evse.occupied is event.occupied:
            return
        evse.occupied = event.occupied
        self.station.transactions.advance(evse, "EVDetected" if event.occupied else "EVDeparted")

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
        group: Token | None = None,
        pending: bool = False,
        anywhere: bool = False,
        connector_id: int = 0,
        charging_profile: Profile | None = None,
    ) -> None:
        """The driver may charge here. trigger: Authorized or RemoteStart. group: as the CSMS has named it with a remote start.

        anywhere: he may plug in at another EVSE as well. connector_id: the only one of the EVSE at which he may; 0 = any. charging_profile:
        for the transaction, where a remote start has brought one along.
        """
        station = self.station
        authorization = Authorization(token, station.clock.now(), origin)
        authorization.info = info
        authorization.group = group or (info.group if info is not None else None)
        authorization.remote_start_id = remote_start_id
        authorization.pending = pending
        authorization.charging_profile = charging_profile
        authorization.anywhere = anywhere and not evse.plugged
        station.reservations.use(evse, authorization)
        evse.authorization = authorization
        evse.chosen_connector_id = connector_id
        evse.connector.kept_for = None
        evse.finishing = False
        if evse.transaction is not None:
            evse.transaction.stop_reason = evse.transaction.stop_token = None
            station.smart_charging.begin(evse)
        if not evse.plugged:
            self.expect_vehicle(evse, authorization)
        station.notify("authorized", evse_id=evse.id, origin=origin)
        station.readers.show("Ready" if evse.plugged else "PlugIn", info, evse.id)
        station.transactions.advance(evse, trigger)

    def expect_vehicle(self, evse: Evse, authorization: Authorization) -> None:
        """Give a driver EVConnectionTimeOut to plug in."""
        timeout = self.station.get(variables.EV_CONNECTION_TIMEOUT)
        if authorization.deadline is not None:
            authorization.deadline.cancel()
        authorization.deadline = self.station.after(timeout, lambda: self._not_plugged_in(authorization))

    def _not_plugged_in(self, authorization: Authorization) -> None:
        station = self.station
        evse = next((evse for evse in station.evses if evse.authorization is authorization), None)
        if evse is None or evse.plugged:
            return
        self.end_authorization(evse)
        station.notify("connection_timeout", evse_id=evse.id)
        station.readers.show("NotPluggedIn", authorization.info, evse.id)
        if evse.transaction is not None and not station.transactions.stop_points() & points.PARKING_BAY_OCCUPANCY:
            station.transactions.end(evse, "EVConnectTimeout", "Timeout")  # E03.FR.05, E10.FR.02, F02.FR.07
            return
        if evse.transaction is not None:
            evse.transaction.stop_reason = "Timeout"
        station.transactions.advance(evse, "EVConnectTimeout", reason="Timeout")  # E03.FR.15, F02.FR.08

    def stop(self, evse: Evse, trigger: str, reason: str, *, stopper: Token | None = None) -> None:
        """End the authorization, and with it, as the stop points say, the transaction.

        trigger: StopAuthorized, RemoteStop, Deauthorized, ResetCommand, UnlockCommand, AbnormalCondition …
        """
        transaction = evse.transaction
        if transaction is not None and self.station.resumption.pending(evse):
            self.station.transactions.end(evse, trigger, reason, stopper)
            return
        if evse.authorization is not None:
            self.station.readers.show("Stopped", evse.authorization.info, evse.id)
        self.end_authorization(evse)
        evse.finishing = transaction is not None and evse.cable_present
        if transaction is not None:
            transaction.stop_token = stopper
            transaction.stop_reason = reason
        self.station.transactions.advance(evse, trigger, reason=reason, stopper=stopper)

    def terminate(self, evse: Evse, trigger: str, reason: str) -> None:
        """End the transaction whatever the stop points say (reset, fault, out of service)."""
        self.end_authorization(evse)
        evse.finishing = evse.transaction is not None and evse.cable_present
        self.station.touch(evse)
        self.station.transactions.end(evse, trigger, reason)

    def end_authorization(self, evse: Evse) -> None:
        """Nobody may charge here any more, if somebody might."""
        authorization = evse.authorization
        if authorization is None:
            return
        if authorization.deadline is not None:
            authorization.deadline.cancel()
            authorization.deadline = None
        evse.authorization = None
        evse.charging_seen = False
        if not evse.plugged:
            evse.chosen_connector_id = 0
        if evse.transaction is None:
            self.station.limits.forget_wish(evse)
        self.station.notify("authorization_ended", evse_id=evse.id)
        self.station.touch(evse)

    # --- a cable that waits for its owner --------------------------------------------------------------------------------

    def keep_cable(self, evse: Evse) -> None:
        """The session ends, and its cable stays locked until its owner has presented his token (E05.FR.11, E09.FR.03)."""
        connector = evse.connector
        if connector.has_lock and evse.authorization is not None:
            connector.kept_for = evse.authorization

    def release_cable(self, evse: Evse) -> None:
        """The owner of a kept cable is there."""
        evse.connector.kept_for = None
        self.station.notify("cable_released", evse_id=evse.id)
        self.station.touch(evse)


def _what_was_last(evse: Evse, authorization: Authorization) -> str:
    """The trigger of what a session has waited for its lock with: the plug, or the driver's authorization."""
    if evse.plugged_since is not None and evse.plugged_since.monotonic >= authorization.since.monotonic:
        return "CablePluggedIn"
    return "RemoteStart" if authorization.origin == "remote" else "Authorized"
