"""What is shown while a run runs."""

import io

import pytest

from chargepoint.fleet.measure.snapshot import Gauges
from chargepoint.fleet.measure.tally import Tally
from chargepoint.fleet.report import live as module
from chargepoint.fleet.report.live import Drawing, Lines, Silence, live
from tests.chargepoint.fleet.report import sample


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


class Broken(io.StringIO):
    """A stream whose reader has gone away."""

    def write(self, text: str, /) -> int:
        raise BrokenPipeError


def test_a_line_comes_every_few_seconds_with_the_figures_since_the_last() -> None:
    stream, tally = io.StringIO(), sample.tally()
    shown = live("lines", stream)
    for second in range(1, 13):
        if second == 8:
            for _ in range(50):
                tally.sent("Heartbeat", 0.0, 0.0)
                tally.answered("Heartbeat", 0.0, 0.0, 0.25)
        shown.show(float(second), tally.snapshot(sample.GAUGES))
    shown.close()
    first, second_line = stream.getvalue().splitlines()
    assert first == (
        "[5.0 s] 9/10 connected, 9 accepted, 4 charging, 20.80/s, p99 1.00 s, 1 failed, 5 queued, 1 reconnects, "
        "1 attempts to connect failed"
    )
    assert second_line.startswith("[10.0 s] 9/10 connected, 9 accepted, 4 charging, 10.00/s, p99 25")
    assert "p99 250." in second_line


def test_a_terminal_gets_a_table() -> None:
    stream = Terminal()
    shown = live("auto", stream, {"TERM": "xterm"})
    assert isinstance(shown, Drawing)
    tally = sample.tally()
    tally.sent("\x1b]0;Evil\x07[red]", 0.0, 0.0)
    shown.show(1.0, tally.snapshot(sample.GAUGES))
    shown.close()
    text = stream.getvalue()
    assert "Heartbeat" in text
    assert "9/10 connected" in text
    assert "\x1b]0;" not in text
    assert "[red]" in text  # no mark-up of another's


@pytest.mark.parametrize(
    ("kind", "stream", "term", "expected"),
    [
        ("auto", io.StringIO(), "xterm", Lines),
        ("auto", Terminal(), "dumb", Lines),
        ("lines", Terminal(), "xterm", Lines),
        ("off", Terminal(), "xterm", Silence),
    ],
)
def test_what_is_no_terminal_gets_lines(kind: module.LiveKind, stream: io.StringIO, term: str, expected: type) -> None:
    assert type(live(kind, stream, {"TERM": term})) is expected


def test_without_rich_a_terminal_gets_lines_and_a_table_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _name: None)
    assert isinstance(live("auto", Terminal(), {"TERM": "xterm"}), Lines)
    with pytest.raises(ModuleNotFoundError, match=r"chargepoint\[rich\]"):
        live("table", Terminal(), {"TERM": "xterm"})


def test_a_sentence_stands_above_the_table_and_steers_nothing() -> None:
    stream = Terminal()
    shown = live("table", stream, {"TERM": "xterm"})
    shown.show(5.0, sample.snapshot())
    before = len(stream.getvalue())
    assert shown.said("note: [bold]a process[/] was killed " + "by somebody " * 20)
    drawn = stream.getvalue()[before:]
    sentence = drawn.index("note: [bold]a process[/] was killed")
    assert 0 < drawn.rindex("Heartbeat") > sentence, "and the table again below it"
    assert drawn.index("\x1b[1A") < sentence, "where the table was"
    shown.close()
    others: tuple[module.LiveKind, ...] = ("lines", "off")
    for kind in others:
        assert not live(kind, stream, {}).said("note"), "it is for others to write"


def test_off_writes_nothing() -> None:
    stream = io.StringIO()
    shown = live("off", stream)
    shown.show(60.0, sample.snapshot())
    shown.close()
    assert stream.getvalue() == ""


def test_a_reader_who_has_gone_does_not_end_the_run() -> None:
    shown = Lines(Broken())
    shown.show(5.0, sample.snapshot())
    shown.show(50.0, sample.snapshot())


def test_a_fleet_without_anything_has_a_line() -> None:
    stream = io.StringIO()
    tally = sample.Tally()
    live("lines", stream).show(5.0, tally.snapshot(Gauges(stations=2)))
    assert stream.getvalue() == "[5.0 s] 0/2 connected, 0 accepted, 0 charging, 0.00/s, p99 –, 0 failed, 0 queued\n"


def test_rates_are_those_of_real_time_when_time_runs_faster() -> None:
    tally, stream = Tally(), io.StringIO()
    for _ in range(50):
        tally.sent("Heartbeat", 0.0, 0.0)
        tally.answered("Heartbeat", 0.0, 0.0, 0.1)
    shown = live("lines", stream, speed=60.0)
    shown.show(60.0, tally.snapshot(Gauges(stations=2)))
    assert stream.getvalue() == "", "not a line each second"
    shown.show(600.0, tally.snapshot(Gauges(stations=2)))
    assert "5.00/s" in stream.getvalue()
