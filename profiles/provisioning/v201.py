"""Provisioning in 2.x: BootNotification, Heartbeat, Reset, SetNetworkProfile."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v201 as wire
from profiles.common_v201 import seconds, status_info
from profiles.mapping import Table, word
from profiles.provisioning.commands import Reset, SetNetworkProfile
from profiles.provisioning.facts import BootAnswer, BootNotified, HeartbeatDue

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _boot_answer(response: wire.BootNotificationResponse, _fact: object, _station: object) -> BootAnswer:
    reason = response.status_info.reason_code if response.status_info is not None else ""
    return BootAnswer(response.status, response.interval, seconds(response.current_time), reason)


@table.sends(BootNotified, "BootNotification", _boot_answer)
def boot(fact: BootNotified, station: "ChargingStation") -> wire.BootNotificationRequest:
    """B01."""
    identity = station.identity
    modem = wire.Modem(iccid=identity.iccid, imsi=identity.imsi) if identity.iccid or identity.imsi else None
    return wire.BootNotificationRequest(
        reason=word(fact.reason),
        charging_station=wire.ChargingStation(
            model=identity.model[:20],
            vendor_name=identity.vendor[:50],
            serial_number=identity.serial_number,
            firmware_version=identity.firmware_version,
            modem=modem,
        ),
    )


@table.sends(HeartbeatDue, "Heartbeat", lambda response, _fact, _station: seconds(response.current_time))
def heartbeat(_fact: HeartbeatDue, _station: "ChargingStation") -> wire.HeartbeatRequest:
    """G02."""
    return wire.HeartbeatRequest()


def _reset_reply(result: Result, _request: object, _station: object) -> wire.ResetResponse:
    return wire.ResetResponse(status=word(result.status), status_info=status_info(result))


@table.receives("Reset", Reset, _reset_reply)
def reset(request: wire.ResetRequest, _station: "ChargingStation") -> Reset:
    """B11, B12."""
    return Reset(kind=request.type, evse_id=request.evse_id or 0)


def _network_profile_reply(result: Result, _request: object, _station: object) -> wire.SetNetworkProfileResponse:
    return wire.SetNetworkProfileResponse(status=word(result.status), status_info=status_info(result))


@table.receives("SetNetworkProfile", SetNetworkProfile, _network_profile_reply)
def set_network_profile(request: wire.SetNetworkProfileRequest, _station: "ChargingStation") -> SetNetworkProfile:
    """B09."""
    data = request.connection_data
    return SetNetworkProfile(
        slot=request.configuration_slot,
        url=data.ocpp_csms_url,
        interface=data.ocpp_interface,
        transport=data.ocpp_transport,
        version=data.ocpp_version,
        message_timeout_second=data.message_timeout,
        security_profile=data.security_profile,
        apn=data.apn is not None,
        vpn=data.vpn is not None,
    )
