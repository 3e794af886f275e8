"""Carries out the verbs of the control API on one station; see `chargepoint.api.verbs`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from chargepoint.api import verbs
from chargepoint.api.agent import Details, RefusalReason, VerbRefused
from chargepoint.station.facts import Refused
from chargepoint.station.nothing import NOTHING
from profiles.data_transfer.facts import DataTransferAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from chargepoint.api.simulation import Simulation
    from chargepoint.assembly import StationAgent
    from profiles.charging_station import ChargingStation


class Execution:
    """Verbs on one station; made when the first one comes. tell: hands on what follows later, as an event."""

    __slots__ = ("_agent", "_answers", "_simulation", "_tell")

    def __init__(self, agent: "StationAgent", tell: "Callable[[str, Details], None]", simulation: "Simulation") -> None:
        self._agent = agent
        self._tell = tell
        self._simulation = simulation
        self._answers: Mapping[str, dict[str | None, DataTransferAnswer]] = NOTHING

    def verb(self, station: "ChargingStation", name: str, arguments: msgspec.Struct) -> dict[str, Any]:
        """Carry out a verb. Raises: VerbRefused."""
        if self._simulation.handles(name):
            return dict(self._simulation.verb(name, arguments))
        match arguments:
            case verbs.Disconnect():
                self._disconnect(arguments)
            case verbs.DataTransferAnswer():
                self._set_answer(station, arguments)
            case verbs.DataTransfer():
                station.turn(
                    station.data_transfer.send,
                    arguments.vendor_id,
                    arguments.message_id,
                    arguments.data,
                    self._data_transfer_answered,
                )
            case verbs.Limit():
                from chargepoint.api.driver import set_limit

                return set_limit(station, arguments)
            case verbs.SecurityEvent():
                station.turn(station.security.raise_event, arguments.kind, arguments.tech_info)
            case _:
                link = self._agent.link
                if name != "connect" or link is None:
                    raise VerbRefused(RefusalReason.UNKNOWN_VERB, f"there is no verb {name!r}")
                link.connect()
        return {}

    def _disconnect(self, arguments: verbs.Disconnect) -> None:
        link = self._agent.link
        if link is None:
            raise VerbRefused(RefusalReason.NOT_READY, "the link has not started yet")
        if arguments.manner == "cut":
            link.cut()
        else:
            link.disconnect("on request")
        if arguments.for_second is not None:
            self._agent.timers.call_later(arguments.for_second, link.connect)

    def _set_answer(self, station: "ChargingStation", arguments: verbs.DataTransferAnswer) -> None:
        answers = dict(self._answers.get(arguments.vendor_id, {}))
        answers[arguments.message_id] = DataTransferAnswer(arguments.status, arguments.data)
        self._answers = {**self._answers, arguments.vendor_id: answers}
        station.data_transfer.register(
            arguments.vendor_id, lambda message_id, _data: answers.get(message_id) or answers.get(None)
        )

    def _data_transfer_answered(self, answer: DataTransferAnswer | Refused) -> None:
        if isinstance(answer, Refused):
            self._tell("data_transfer_failed", {"failure": answer.failure.value, "description": answer.description})
        else:
            self._tell("data_transfer_answered", {"status": answer.status, "data": answer.data})
