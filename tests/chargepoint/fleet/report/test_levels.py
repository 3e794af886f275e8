"""Service levels: what can be written, what cannot, and how it comes out."""

import pytest

from chargepoint.fleet.measure.snapshot import Gauges, Snapshot
from chargepoint.fleet.report.levels import Kind, LevelError, LevelFault, duration, judge, parse
from tests.chargepoint.fleet.report import sample


def outcome(text: str, *, incidents: int = 0) -> tuple[bool, float | None]:
    result = judge(parse(text), sample.snapshot(), 40.0, incidents)
    return result.met, result.measured


@pytest.mark.parametrize(
    ("text", "met", "measured"),
    [
        ("p50.Heartbeat<600ms", True, 0.505),
        ("p99.Heartbeat<1s", True, 0.995),
        ("p99.Heartbeat<990ms", False, 0.995),
        ("p99.9.Heartbeat<2s", True, 1.005),
        ("latency.p50.Heartbeat<=510ms", True, 0.505),
        ("service.p50.Heartbeat < 503ms", True, 0.5),
        ("service.p50.Heartbeat<495ms", False, 0.5),
        ("max.StartTransaction<5s", False, 30.0),
        ("min.*>9ms", True, 0.015),
        ("mean.Heart*<0.511s", True, 0.51),
        ("p50<1min", True, 0.495),
        ("max<1h", True, 30.0),
        ("boot.max<=1.4s", True, 1.4),
        ("boot.p50<850ms", False, 0.9),
        ("opening.p99<20500us", True, 0.02),
        ("away.max<20s", True, 12.0),
        ("late.p99<50ms", True, 0.002),
        ("lateness.p99<1ms", False, 0.002),
        ("errors<1%", True, 1 / 104),
        ("errors<0.1%", False, 1 / 104),
        ("errors.StartTransaction<=25%", True, 0.25),
        ("errors.Heartbeat==0%", True, 0.0),
        ("rate.Heartbeat>=2.5/s", True, 2.5),
        ("rate>100/min", True, 2.6),
        ("rate.MeterValues>100/s", False, 0.0),
        ("boots>=10", True, 10),
        ("boots>=1000", False, 10),
        ("reconnects<1", False, 1),
        ("connects==11", True, 11),
        ("sent.Heartbeat==100", True, 100),
        ("answered>=103", True, 103),
        ("failed<1", False, 1),
        ("failed.Heartbeat<1", True, 0),
        ("received.Reset>=1", True, 1),
        ("received==1", True, 1),
        ("losses<1", False, 1),
        ("unreachable.refused<1", False, 1),
        ("unsent<1", False, 1),
        ("rejected<1", True, 0),
        ("sessions.begun>=4", True, 4),
        ("connected>=10", False, 9),
        ("queue_longest<10", True, 3),
        ("energy_watt_hour>10000", True, 12_345.0),
    ],
)  # fmt: skip
def test_figures_come_out_as_they_were_measured(text: str, met: bool, measured: float) -> None:
    found = outcome(text)
    assert found == (met, pytest.approx(measured, rel=0.01))


def test_incidents_are_counted_by_sentence() -> None:
    assert outcome("incidents<1") == (True, 0)
    assert outcome("incidents<1", incidents=2) == (False, 2)


@pytest.mark.parametrize(
    "text",
    [
        "p99.BootNotification<5s",
        "errors.BootNotification<1%",
        "backlog.p99<1h",
        "sessions.nothing>1",
        "min.MeterValues>0s",
    ],
)
def test_what_was_not_measured_is_missed_and_says_so(text: str) -> None:
    result = judge(parse(text), sample.snapshot(), 40.0)
    assert (result.met, result.measured) == (False, None)
    assert str(result).startswith(f"missed: {text} (not measured: ")


@pytest.mark.parametrize("text", ["p99<1s", "errors<1%", "max.Heartbeat<1s", "boot.p95<1s"])
def test_a_run_in_which_nothing_happened_keeps_no_promise_about_messages(text: str) -> None:
    assert not judge(parse(text), Snapshot(), 40.0).met


def test_results_say_what_was_measured_in_the_unit_of_the_figure() -> None:
    total = sample.snapshot()
    said = [str(judge(parse(text), total, 40.0)) for text in ("boot.max<2s", "errors<0.1%", "rate>1/s", "boots>=10")]
    assert said == [
        "met: boot.max<2s (measured: 1.40 s)",
        "missed: errors<0.1% (measured: 0.962 %)",
        "met: rate>1/s (measured: 2.6/s)",
        "met: boots>=10 (measured: 10)",
    ]


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("", LevelFault.SYNTAX, "is no service level"),
        ("fast", LevelFault.SYNTAX, 'for instance "p99.StartTransaction<500ms"'),
        ("p99.Heartbeat", LevelFault.SYNTAX, "is no service level"),
        ("p99.Heartbeat=<5s", LevelFault.SYNTAX, "is no service level"),
        ("p99.Heartbeat<-5s", LevelFault.SYNTAX, "is no service level"),
        ("p99.Heartbeat<5s<6s", LevelFault.SYNTAX, "is no service level"),
        ("p99.Heartbeat<1.2.3s", LevelFault.SYNTAX, "is no service level"),
        ("p99.Heartbeat<500", LevelFault.UNIT, "a unit is missing of it; write 500ms or 500s"),
        ("p99.Heartbeat<5%", LevelFault.UNIT, "'%' is no unit of it; write 5ms or 5s"),
        ("errors<5", LevelFault.UNIT, "write 5%"),
        ("errors<500ms", LevelFault.UNIT, "write 500%"),
        ("errors<101%", LevelFault.VALUE, "at most 100%"),
        ("rate>5", LevelFault.UNIT, "write 5/s"),
        ("boots>=5s", LevelFault.UNIT, "write 5"),
        ("p99.Hartbeat<5s", LevelFault.ACTION, "did you mean Heartbeat?"),
        ("p99.heartbeat<5s", LevelFault.ACTION, "did you mean Heartbeat?"),
        ("errors.Nothing<5%", LevelFault.ACTION, "no version of OCPP has an action 'Nothing'"),
        ("p101.Heartbeat<5s", LevelFault.FIGURE, "percentiles end at p100"),
        ("boot.p99.Heartbeat<5s", LevelFault.FIGURE, "boot is not counted by action: write boot.p99"),
        ("boot<5s", LevelFault.FIGURE, "write boot.p99"),
        ("service.Heartbeat<5s", LevelFault.FIGURE, "write service.p99"),
        ("reconects<5", LevelFault.FIGURE, "did you mean reconnects?"),
        ("p99@ <5s", LevelFault.FIGURE, "needs the name of a group or of a CSMS after @"),
        ("p99 home<5s", LevelFault.SYNTAX, "is no service level"),
        ("p99@<5s", LevelFault.FIGURE, "needs the name of a group or of a CSMS after @"),
        ("late.p99@home<5s", LevelFault.FIGURE, "late is not counted by group or CSMS: leave @home out"),
        ("timers@home>5", LevelFault.FIGURE, "timers is not counted by group or CSMS"),
        ("boots.Heartbeat<5", LevelFault.FIGURE, "there is no figure 'boots.Heartbeat'"),
        ("sessions<5", LevelFault.FIGURE, "there is no figure 'sessions'"),
        ("resident_byte<5", LevelFault.FIGURE, "there is no figure"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_what_to_write(text: str, reason: LevelFault, words: str) -> None:
    with pytest.raises(LevelError) as caught:
        parse(text)
    assert caught.value.reason is reason
    assert words in str(caught.value)


def test_actions_of_all_versions_are_known() -> None:
    for action in ("StartTransaction", "TransactionEvent", "NotifyPeriodicEventStream"):
        assert parse(f"p99.{action}<5s").kind is Kind.DURATION


@pytest.mark.parametrize(
    "name",
    [n for n in Gauges.__struct_fields__ if n not in ("sessions", "resident_byte", "cpu_second", "oldest_second")],
)
def test_each_gauge_can_be_a_level(name: str) -> None:
    assert judge(parse(f"{name}>=0"), sample.snapshot(), 40.0).met


@pytest.mark.parametrize(
    ("second", "text"),
    [(None, "–"), (0.0, "0.00 µs"), (0.000_123, "123.0 µs"), (0.0125, "12.50 ms"), (0.9994, "999.4 ms"),
     (0.99995, "1.00 s"), (12.345, "12.35 s"), (3600.0, "3,600 s")],
)  # fmt: skip
def test_durations_are_written_in_the_unit_in_which_they_read_best(second: float | None, text: str) -> None:
    assert duration(second) == text
