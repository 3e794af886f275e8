"""Provisioning in 1.6: BootNotification, Heartbeat, Reset."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v16 as wire
from profiles.common_v16 import seconds
from profiles.mapping import Table, word
from profiles.provisioning.commands import Reset
from profiles.provisioning.facts import BootAnswer, BootNotified, HeartbeatDue

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _boot_answer(response: wire.BootNotificationResponse, _fact: object, _station: object) -> BootAnswer:
    return BootAnswer(response.status, response.interval, seconds(response.current_time))


@table.sends(BootNotified, "BootNotification", _boot_answer)
def boot(fact: BootNotified, station: "ChargingStation") -> wire.BootNotificationRequest:
    """1.6 §4.2; there is no boot reason in 1.6."""
    identity = station.identity
    return wire.BootNotificationRequest(
        charge_point_vendor=identity.vendor[:20],
        charge_point_model=identity.model[:20],
        charge_point_serial_number=identity.serial_number,
        charge_box_serial_number=identity.box_serial_number,
        firmware_version=identity.firmware_version,
        iccid=identity.iccid,
        imsi=identity.imsi,
        meter_type=identity.meter_type,
        meter_serial_number=identity.meter_serial_number,
    )


@table.sends(HeartbeatDue, "Heartbeat", lambda response, _fact, _station: seconds(response.current_time))
def heartbeat(_fact: HeartbeatDue, _station: "ChargingStation") -> wire.HeartbeatRequest:
    """1.6 §4.6."""
    return wire.HeartbeatRequest()


def _reset_reply(result: Result, _request: object, _station: object) -> wire.ResetResponse:
    return wire.ResetResponse(status=word("Accepted" if result.status == "Scheduled" else result.status))


@table.receives("Reset", Reset, _reset_reply)
def reset(request: wire.ResetRequest, _station: "ChargingStation") -> Reset:
    """1.6 §5.14: Hard at once, Soft ends transactions first."""
    return Reset(kind="Immediate" if request.type == "Hard" else "Soft")
