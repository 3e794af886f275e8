"""A snapshot in Prometheus' text format, for whoever scrapes a running fleet (https://prometheus.io/docs/instrumenting/exposition_formats).

Written here rather than by `prometheus-client`: that keeps counters of its own, and would have to be told all that a snapshot has counted
already. Its parser checks this in the tests.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chargepoint.fleet.measure.histogram import Histogram
    from chargepoint.fleet.measure.snapshot import Gauges, Part, Snapshot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LIMITS_SECOND = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper ends of the buckets. A duration that is less than 0.8 % below one of them may be counted in the next."""
PREFIX = "chargepoint_fleet_"

Sample = tuple["Mapping[str, str]", float]


def render_prometheus(snapshot: Snapshot, labels: Mapping[str, str] | None = None) -> str:
    """All figures of a snapshot. labels: on each of them, for instance the name of the fleet."""
    page = _Page(labels or {})
    actions = sorted(snapshot.actions.items())
    page.counter(
        "messages_sent_total", "CALLs and SENDs of the stations.", [({"action": a}, f.sent) for a, f in actions]
    )
    page.counter("messages_answered_total", "CALLs with an answer.", [({"action": a}, f.answered) for a, f in actions])
    page.counter(
        "messages_failed_total",
        "CALLs without a usable answer.",
        [({"action": a, "reason": word}, n) for a, f in actions for word, n in sorted(f.failed.items())],
    )
    page.counter(
        "messages_skipped_total",
        "What was left out while the CSMS owed the answer to the one before.",
        [({"action": a}, f.skipped) for a, f in actions],
    )
    page.histogram(
        "message_latency_seconds",
        "From when a message was due until it was answered or had failed.",
        [({"action": a}, f.latency) for a, f in actions],
    )
    page.histogram(
        "message_service_seconds",
        "From sending a message until it was answered or had failed.",
        [({"action": a}, f.service) for a, f in actions],
    )
    for name, text, label, counts in (
        ("messages_received_total", "CALLs of the CSMS.", "action", snapshot.received),
        ("frames_rejected_total", "Frames of the CSMS that could not be used.", "reason", snapshot.rejected),
        ("messages_unsent_total", "What was due and never sent.", "kind", snapshot.unsent),
        ("messages_given_up_total", "Stored messages that failed for the last time.", "kind", snapshot.given_up),
        ("connection_failures_total", "Attempts to connect that failed.", "reason", snapshot.unreachable),
        ("connection_losses_total", "Connections that ended.", "reason", snapshot.losses),
        ("incidents_total", "What the report will mention.", "sentence", snapshot.sentences),
    ):
        page.counter(name, text, [({label: word}, count) for word, count in sorted(counts.items())])
    page.counter("connections_total", "Connections that opened.", [({}, snapshot.connects)])
    page.counter("reconnections_total", "Connections that opened after another had ended.", [({}, snapshot.reconnects)])
    page.counter("connection_cuts_total", "Connections that this fleet has cut itself.", [({}, snapshot.cuts)])
    page.counter("boots_total", "BootNotifications that were accepted.", [({}, snapshot.boots)])
    for name, text, histogram in (
        ("boot_seconds", "From the first dialling to being accepted.", snapshot.boot),
        ("opening_seconds", "From dialling to an open connection.", snapshot.opening),
        ("away_seconds", "From the end of a connection to the next.", snapshot.away),
        ("backlog_seconds", "Age of what was queued before its connection, when answered.", snapshot.backlog),
        ("timer_lateness_seconds", "How late timers ran.", snapshot.late),
    ):
        page.histogram(name, text, [({}, histogram)])
    _gauges(page, snapshot.gauges)
    if snapshot.parts:
        _parts(page, {part: snapshot.part(part) for part in snapshot.parts})
    return page.text()


def _gauges(page: _Page, gauges: Gauges) -> None:
    page.gauge(
        "stations",
        "Stations, by what they are.",
        [({"state": state}, getattr(gauges, state)) for state in ("on", "connected", "accepted", "cut_off")],
    )
    for name, text, value in (
        ("stations_planned", "Stations of the plan.", gauges.stations),
        ("evses_charging", "EVSEs through which energy flows.", gauges.charging),
        ("transactions", "Transactions that run.", gauges.transactions),
        ("queued_messages", "Stored facts that wait.", gauges.queued),
        ("queued_messages_longest", "Stored facts that wait at one station.", gauges.queue_longest),
        ("power_watts", "Power that flows into cars.", gauges.power_watt),
        ("timers", "Timers that are set.", gauges.timers),
        ("resident_memory_bytes", "Memory of the fleet's processes.", gauges.resident_byte),
        ("processes", "Processes of the fleet.", gauges.processes),
    ):
        page.gauge(name, text, [({}, value)])
    page.counter("energy_joules_total", "Energy that has flowed into cars.", [({}, gauges.energy_watt_hour * 3600)])
    page.counter("cpu_seconds_total", "Processor time of the fleet's processes.", [({}, gauges.cpu_second)])
    sessions = [({"kind": name}, value) for name, value in gauges.sessions.items()]
    page.gauge("sessions", "Sessions of drivers since the beginning, by what became of them.", sessions)


def _parts(page: _Page, parts: Mapping[Part, Snapshot]) -> None:
    """What is told of each part has names of its own, so that nothing is counted twice in a sum. Reasons only where they are few."""
    labelled = [({"csms": part.csms, "group": part.group}, of_part) for part, of_part in parts.items()]
    page.gauge(
        "part_stations",
        "Stations of a group at a CSMS, by what they are.",
        [
            ({**labels, "state": state}, getattr(of_part.gauges, state))
            for labels, of_part in labelled
            for state in ("on", "connected", "accepted", "cut_off")
        ],
    )
    for name, text, value in (
        ("evses_charging", "EVSEs through which energy flows.", "charging"),
        ("transactions", "Transactions that run.", "transactions"),
        ("queued_messages", "Stored facts that wait.", "queued"),
        ("queued_messages_longest", "Stored facts that wait at one station.", "queue_longest"),
        ("power_watts", "Power that flows into cars.", "power_watt"),
    ):
        page.gauge(f"part_{name}", text, [(labels, getattr(one.gauges, value)) for labels, one in labelled])
    energy = [(labels, one.gauges.energy_watt_hour * 3600) for labels, one in labelled]
    page.counter("part_energy_joules_total", "Energy that has flowed into cars.", energy)
    figures = [(labels, of_part, of_part.total()) for labels, of_part in labelled]
    for name, text, samples in (
        ("messages_sent_total", "CALLs and SENDs of these stations.", [(labels, f.sent) for labels, _, f in figures]),
        ("messages_answered_total", "CALLs with an answer.", [(labels, f.answered) for labels, _, f in figures]),
        ("messages_failed_total", "CALLs without a usable answer.", [(labels, f.failures) for labels, _, f in figures]),
        ("connections_total", "Connections that opened.", [(labels, one.connects) for labels, one in labelled]),
        ("boots_total", "BootNotifications that were accepted.", [(labels, one.boots) for labels, one in labelled]),
        (
            "connection_losses_total",
            "Connections that ended.",
            [(labels, sum(one.losses.values())) for labels, one in labelled],
        ),
        (
            "connection_failures_total",
            "Attempts to connect that failed.",
            [
                ({**labels, "reason": word}, count)
                for labels, one in labelled
                for word, count in sorted(one.unreachable.items())
            ],
        ),
    ):
        page.counter(f"part_{name}", text, samples)
    page.histogram(
        "part_message_latency_seconds",
        "From when a message was due until it was answered or had failed.",
        [(labels, f.latency) for labels, _, f in figures],
    )


class _Page:
    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = dict(labels)
        self._lines: list[str] = []

    def counter(self, name: str, text: str, samples: Iterable[Sample]) -> None:
        self._head(name, text, "counter")
        self._samples(name, samples)

    def gauge(self, name: str, text: str, samples: Iterable[Sample]) -> None:
        self._head(name, text, "gauge")
        self._samples(name, samples)

    def histogram(self, name: str, text: str, histograms: Iterable[tuple[Mapping[str, str], Histogram]]) -> None:
        self._head(name, text, "histogram")
        for labels, histogram in histograms:
            count = histogram.count
            counts = [*histogram.below(LIMITS_SECOND), count]
            limits = [*(f"{limit:g}" for limit in LIMITS_SECOND), "+Inf"]
            samples: list[Sample] = [({**labels, "le": le}, n) for le, n in zip(limits, counts, strict=True)]
            self._samples(f"{name}_bucket", samples)
            self._samples(f"{name}_sum", [(labels, histogram.sum_second)])
            self._samples(f"{name}_count", [(labels, count)])

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _head(self, name: str, text: str, kind: str) -> None:
        self._lines += [f"# HELP {PREFIX}{name} {text}", f"# TYPE {PREFIX}{name} {kind}"]

    def _samples(self, name: str, samples: Iterable[Sample]) -> None:
        for labels, value in samples:
            pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in {**self._labels, **labels}.items())
            self._lines.append(
                f"{PREFIX}{name}{{{pairs}}} {_number(value)}" if pairs else f"{PREFIX}{name} {_number(value)}"
            )


def _escaped(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode()  # half of a surrogate pair has no UTF-8
    return clean.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", " ")


def _number(value: float) -> str:
    if math.isinf(value) or math.isnan(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
