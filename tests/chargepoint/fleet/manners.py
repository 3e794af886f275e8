"""Plans of a few stations that charge, and what a central system may do to them, on virtual time."""

from __future__ import annotations

from typing import Any

from chargepoint.fleet.measure.snapshot import ActionFigures
from chargepoint.fleet.plan import Plan
from chargepoint.fleet.report.report import Report
from tests.chargepoint.fleet.hostile import Manner, Peer, accept
from tests.chargepoint.fleet.load.town import plan_of

COUNT = 5
CHARGING = {
    "generator": {
        "enable": True,
        "minDuration": 10_000,
        "maxDuration": 10_000,
        "minDelayBetweenTwoTransactions": 1,
        "maxDelayBetweenTwoTransactions": 5,
        "stopAfterHours": 100,
    },
    "ev": [{"profile": "compact-11", "battery_watt_hour": 1e8}],
}


def plan(second: float, **tables: Any) -> Plan:
    template = {"sessions": CHARGING, "variables": {"MeterValueSampleInterval": 2}, **tables.pop("template", {})}
    return plan_of(COUNT, duration_second=second, template=template, **tables)


def until(second: float, *, then: Manner | None = None) -> Manner:
    """Answer well until a second of the fleet's time; treat what comes then as said, by default by saying nothing."""

    def manner(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if peer.csms.second < second:
            accept(peer, action, message_id, payload)
        elif then is not None:
            then(peer, action, message_id, payload)

    return manner


def silent_between(begin_second: float, end_second: float) -> Manner:
    """Say nothing for some seconds of the fleet's time, and answer then what was asked meanwhile."""

    def manner(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        wait = end_second - peer.csms.second if begin_second <= peer.csms.second < end_second else 0.0
        after(wait)(peer, action, message_id, payload)

    return manner


def after(second: float) -> Manner:
    """Answer so late."""

    def manner(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        peer.later(second, lambda: accept(peer, action, message_id, payload))

    return manner


def every_second(then: Manner) -> Manner:
    """Have stations send a heartbeat each second, and treat all but their boot as said."""

    def manner(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if action == "BootNotification":
            peer.say([3, message_id, {"status": "Accepted", "currentTime": "2026-01-05T00:00:00Z", "interval": 1}])
        else:
            then(peer, action, message_id, payload)

    return manner


def adds_up(report: Report) -> bool:
    """Whether each message that was sent has an outcome; what waited at its station was not sent."""

    def rest(figures: ActionFigures) -> int:
        return figures.sent - figures.answered - figures.failures - figures.abandoned

    return all(0 <= rest(figures) <= figures.open for figures in report.total.actions.values())
