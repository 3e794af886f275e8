"""What belongs to a run, what its end waits for, and what it has found: on virtual time."""

from __future__ import annotations

from typing import Any

import pytest

from chargepoint.fleet.controller import Controller
from chargepoint.fleet.measure.snapshot import Snapshot
from chargepoint.fleet.messages import Progress, Up
from chargepoint.fleet.report.json_report import as_data
from chargepoint.fleet.report.text import render_text
from chargepoint.fleet.seat import Seat
from tests.chargepoint.fleet.hostile import HostileCsms, Peer, accept, run_against
from tests.chargepoint.fleet.manners import CHARGING, COUNT, after, plan, until


def test_rates_are_those_of_the_run_and_not_of_its_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    level = "rate.MeterValues>1.5/s"  # one in 2 s of each of 5 stations, once somebody charges
    assert run_against(HostileCsms(), plan(60), monkeypatch, level).passed
    report = run_against(HostileCsms({"CP": until(30, then=after(6))}), plan(60), monkeypatch, level, grace_second=90)
    values = report.total.actions["MeterValues"]
    assert values.in_grace > 5 * COUNT
    assert not report.passed
    assert max(point.rate for point in report.points) < 5 * COUNT
    assert sum(point.answered for point in report.points) == report.total.total().answered


def test_nobody_waits_at_the_end_for_stations_that_were_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def pending(peer: Peer, _action: str, message_id: str, _payload: dict[str, Any]) -> None:
        peer.say([3, message_id, {"status": "Pending", "currentTime": "2026-01-05T00:00:00Z", "interval": 300}])

    ends: list[int] = []
    csms = HostileCsms({"CP": pending})
    for second in (59.0, 62.0):
        csms.at(second, lambda: ends.append(len(csms.present)))
    run_against(csms, plan(60), monkeypatch, grace_second=60)
    assert ends == [COUNT], "the run has long been over at the second look"


def test_what_drivers_do_when_the_run_is_over_is_not_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms()
    report = run_against(csms, plan(60), monkeypatch)
    heard = [(second, action) for said in csms.heard.values() for second, action in said]
    assert "StopTransaction" not in report.total.actions
    assert report.total.ending["StopTransaction"].answered == COUNT
    assert report.total.gauges.sessions["ended"] == 0
    assert report.total.gauges.transactions == COUNT
    total = report.total.total()
    assert total.sent == sum(second <= 60.01 for second, _ in heard)
    assert sum(figures.sent for figures in report.total.ending.values()) == sum(second > 60.01 for second, _ in heard)
    assert sum(point.sent for point in report.points) == total.sent
    assert report.points[-1].at_second == 60
    assert "after the end of the run" in render_text(report)


def test_nobody_waits_for_drivers_who_take_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver who has just tapped to leave, or whose plug is still held, hurries as well."""
    ends: list[float] = []
    csms = HostileCsms()
    sessions = CHARGING | {"drivers": {"handling_second": {"mean": 15}, "taps_to_leave": 1.0}}
    sessions["generator"] = sessions["generator"] | {"minDuration": 10, "maxDuration": 40}
    for second in range(60, 80):
        csms.at(float(second), lambda: ends.append(len(csms.present)))
    run_against(csms, plan(60, template={"sessions": sessions}), monkeypatch)
    assert ends.count(COUNT) <= 5, "who is at his car is gone within some seconds"


@pytest.mark.parametrize(("stops_at", "found"), [(25.0, "between"), (1e9, "no knee was found")])
def test_the_knee_is_found_where_the_csms_falls_silent(
    stops_at: float, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent_from(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if peer.csms.second < stops_at:
            accept(peer, action, message_id, payload)

    step = [{"shape": "step", "stations": 2, "every_second": 10}]
    report = run_against(HostileCsms({"CP": silent_from}), plan(200, load=step), monkeypatch, "incidents==0")
    (sentence,) = [incident.sentence for incident in report.incidents if "knee" in incident.sentence]
    assert found in sentence
    assert report.passed, "it was looked for"


def test_a_run_that_ends_before_the_knee_is_found_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    step = [{"shape": "step", "stations": 2, "every_second": 10}]
    report = run_against(HostileCsms(), plan(15, load=step), monkeypatch)
    (sentence,) = [incident.sentence for incident in report.incidents if "knee" in incident.sentence]
    assert "over after 15 s, before the knee was found: the CSMS kept up with 2 stations, and 4 were on" in sentence


def test_all_of_it_is_in_the_json_and_survives_a_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [run_against(HostileCsms({"CP": until(40)}), plan(60), monkeypatch, grace_second=0) for _ in range(2)]
    data = [as_data(report) for report in reports]
    values = data[0]["messages"]["actions"]["MeterValues"]
    assert values["open"] >= values["overdue"] > COUNT
    assert values["error_share"] == values["overdue"] / (values["answered"] + values["overdue"])
    assert data[0]["messages"]["oldest_open"] == pytest.approx(20, abs=2.5)


def test_what_waits_counts_also_where_nobody_waits_for_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who loses patience with a silent CSMS and ends all at once gets no better figures than who waits."""
    told: list[Snapshot] = []
    hear = Controller._heard

    def heard(controller: Controller, seat: Seat, word: Up) -> None:
        if isinstance(word, Progress) and word.last:
            told.append(word.snapshot)
        hear(controller, seat, word)

    monkeypatch.setattr(Controller, "_heard", heard)
    run_against(HostileCsms({"CP": until(40)}), plan(60), monkeypatch)
    (last,) = told
    assert last.total().overdue > COUNT
    assert last.total().error_share is not None
    assert last.total().error_share > 0.1
    assert last.open_second == pytest.approx(20, abs=2.5)
