"""What counts when a central system crashes, hangs up or lets nobody in, and when the fleet itself takes stations away: on virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from chargepoint.fleet.measure.snapshot import Gauges, Snapshot
from chargepoint.fleet.report.html import render_html
from chargepoint.fleet.report.json_report import as_data
from chargepoint.fleet.report.junit import render_junit
from chargepoint.fleet.report.levels import judge, parse
from chargepoint.fleet.report.parts import PartFigures
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.report.text import render_text
from tests.chargepoint.fleet.hostile import HostileCsms, Peer, accept, run_against
from tests.chargepoint.fleet.load.town import plan_of
from tests.chargepoint.fleet.manners import COUNT, adds_up, after, every_second, plan, silent_between, until


@pytest.mark.parametrize("grace_second", [0.0, 3.0])
def test_a_csms_that_crashes_and_stays_away_owes_all_that_waits_for_it(
    grace_second: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    csms = HostileCsms()
    csms.at(30, csms.die)
    levels = ("p99<500ms", "errors<0.1%", "overdue==0")
    report = run_against(csms, plan(60), monkeypatch, *levels, grace_second=grace_second)
    assert [result.met for result in report.levels] == [False] * 3
    values = report.total.actions["MeterValues"]
    assert values.overdue > 10 * COUNT
    assert values.latency.maximum_second == pytest.approx(30 + grace_second * 2 / 3, abs=3)
    assert report.total.backlog.count >= values.overdue
    assert adds_up(report)
    assert "the CSMS had no station any more: of 5 stations none had a connection at the end" in str(report.trouble)


def test_a_csms_that_is_gone_at_the_end_fails_the_run_though_nothing_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def judged(*levels: str) -> Report:
        csms = HostileCsms()
        csms.at(30, csms.die)
        return run_against(csms, plan_of(COUNT, duration_second=55), monkeypatch, *levels, grace_second=0)

    report = judged("errors==0%")
    assert [str(result) for result in report.levels if not result.met] == []
    assert not report.passed
    for rendered in (render_text(report), render_html(report), render_junit(report)):
        assert "the CSMS had no station any more" in rendered
    assert as_data(report)["deserted"] == report.deserted
    assert judged("connected==0").passed, "whoever expects it says so"


def test_what_waits_while_this_fleet_keeps_its_stations_away_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    drop = [{"fault": "link-drop", "at_second": 30, "for_second": 1000}]
    report = run_against(HostileCsms(), plan(60, fault=drop), monkeypatch, "errors==0%", "p99<500ms", grace_second=3)
    assert report.passed, render_text(report)
    gauges = report.total.gauges
    assert (gauges.on, gauges.connected, gauges.cut_off) == (COUNT, 0, COUNT)
    values = report.total.actions["MeterValues"]
    assert values.open > 10 * COUNT
    assert values.overdue == 0
    assert report.total.backlog.maximum_second == pytest.approx(32, abs=3)
    assert adds_up(report)
    assert not any("no connection at the end" in sentence for sentence in report.findings)


@pytest.mark.parametrize(("end_second", "gone"), [(54, False), (63, True)])
def test_stations_that_are_refused_after_a_fault_of_this_fleet_are_not_kept_away_by_it(
    end_second: float, gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    csms = HostileCsms()
    csms.at(40, csms.die)
    drop = [{"fault": "link-drop", "at_second": 35, "for_second": 20}]
    report = run_against(csms, plan(end_second, fault=drop), monkeypatch, grace_second=0)
    assert report.total.gauges.connected == 0
    assert report.total.gauges.cut_off == (0 if gone else COUNT)
    assert (report.deserted is not None) is gone
    values = report.total.actions["MeterValues"]
    assert values.latency.maximum_second == pytest.approx(8 if gone else 0, abs=1), "counted from when it could be sent"
    assert bool(values.overdue) is gone


def test_a_fault_of_this_fleet_makes_no_silence_of_the_csms_good(monkeypatch: pytest.MonkeyPatch) -> None:
    drop = [{"fault": "link-drop", "at_second": 36, "for_second": 1}]
    with_fault, without = (
        run_against(HostileCsms({"CP": silent_between(30, 38)}), plan(60, **tables), monkeypatch, "max<5s", "p99<5s")
        for tables in ({"fault": drop}, {})
    )
    for report in (with_fault, without):
        assert not any(result.met for result in report.levels)
        assert adds_up(report)
    assert with_fault.total.total().abandoned == COUNT


def test_a_fault_of_this_fleet_makes_no_dead_csms_good(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms()
    csms.at(30, csms.die)
    drop = [{"fault": "link-drop", "at_second": 36, "for_second": 1}]
    report = run_against(csms, plan(44, fault=drop), monkeypatch, "errors<1%", grace_second=0)
    assert report.deserted is not None
    assert report.total.gauges.cut_off == 0
    assert [result.met for result in report.levels] == [False]
    assert report.total.actions["MeterValues"].latency.maximum_second == pytest.approx(13, abs=2.5)


def test_a_csms_that_hangs_up_on_idle_stations_is_as_late_as_one_that_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    idle = plan_of(COUNT, duration_second=60)
    hanging = HostileCsms({"CP": every_second(accept)})
    hanging.at(20, hanging.die)
    hanging.at(30, hanging.revive)
    silent = HostileCsms({"CP": every_second(silent_between(20, 30))})
    for csms in (hanging, silent):
        report = run_against(csms, idle, monkeypatch, "p90<1s", "errors==0%")
        beats = report.total.actions["Heartbeat"]
        assert beats.skipped >= 9 * COUNT
        assert beats.latency.maximum_second is not None
        assert beats.latency.maximum_second > 8
        assert not report.levels[0].met


def test_a_message_on_its_way_that_this_fleet_cuts_off_is_no_error_of_the_csms(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"CP": until(31, then=after(3))})
    drop = [{"fault": "link-drop", "at_second": 33.5, "for_second": 5}]
    report = run_against(csms, plan(60, fault=drop), monkeypatch, "errors==0%")
    assert report.total.cuts == COUNT
    assert report.total.total().abandoned == COUNT
    assert report.passed, render_text(report)
    assert adds_up(report)


def test_what_waited_because_the_csms_was_away_is_late_and_what_waited_for_this_fleet_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    csms = HostileCsms()
    csms.at(30, csms.die)
    csms.at(45, csms.revive)
    drop = [{"fault": "link-drop", "at_second": 30, "for_second": 15}]
    crash = run_against(csms, plan(120), monkeypatch, grace_second=60)
    cut = run_against(HostileCsms(), plan(120, fault=drop), monkeypatch, grace_second=60)
    for report in (crash, cut):
        assert report.total.total().replayed > 5 * COUNT
        assert report.total.backlog.maximum_second is not None
        assert report.total.backlog.maximum_second > 14
        assert report.total.gauges.connected == COUNT
        assert report.passed, render_text(report)
    assert crash.total.actions["MeterValues"].latency.maximum_second == crash.total.backlog.maximum_second
    assert "SecurityEventNotification" in crash.total.actions, (
        "stored before the first connection, which nobody was late with"
    )
    assert crash.total.total().latency.count == crash.total.total().done - COUNT
    assert cut.total.actions["MeterValues"].latency.maximum_second < 1
    assert cut.total.total().latency.count == cut.total.total().done - COUNT


def test_a_csms_of_several_that_is_gone_or_lets_nobody_in_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> PartFigures:
        return PartFigures(
            csms=name, group="home", url=f"ws://{name}", template="home", version="1.6", stations=5, total=Snapshot()
        )

    here = run_against(HostileCsms(), plan_of(COUNT, duration_second=20), monkeypatch)
    assert here.passed
    of_a, of_b = (replace(gone(name), total=here.total) for name in ("a", "b"))
    lost = replace(of_b, total=replace(here.total, gauges=replace(here.total.gauges, connected=0, accepted=0)))
    never = replace(of_b, total=Snapshot(unreachable={"refused": 5}, gauges=Gauges(stations=5, on=5)))
    assert replace(here, parts=(of_a, of_b)).passed

    def judged(parts: tuple[PartFigures, ...], *levels: str) -> bool:
        results = tuple(judge(parse(level), here.total, 20.0, 0, parts) for level in levels)
        assert all(result.met for result in results)
        return replace(here, parts=parts, levels=results).passed

    for level in ("boots>=1", "unreachable<10", "accepted>=1", "accepted@a>=1", "boots@b>=0"):
        assert not judged((of_a, lost), level), f"{level} says nothing of b at the end"
    assert judged((of_a, lost), "accepted@b==0")
    for level in ("boots>=1", "boot.p95<5s", "boots@a>=1", "accepted>=1"):
        assert not judged((of_a, never), level), f"{level} says nothing of b"
    assert judged((of_a, never), "boots@b==0", "connected@b==0")
    assert "at b (ws://b): the CSMS had no station any more" in str(replace(here, parts=(of_a, lost)).trouble)
    assert "at b (ws://b): no station was ever accepted" in str(replace(here, parts=(of_a, never)).trouble)


def test_a_power_cut_takes_the_answer_along(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"CP": until(31, then=until(0, then=after(5)))})
    blackout = [{"shape": "blackout", "at_second": 35, "for_second": 10, "share": 1.0}]
    report = run_against(csms, plan(80, load=blackout), monkeypatch)
    assert report.total.total().abandoned == COUNT
    assert adds_up(report)
    assert "cut off by this fleet 5" in render_text(report)


def test_who_is_not_let_in_fails_the_run_whatever_other_levels_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def rejected(peer: Peer, _action: str, message_id: str, _payload: dict[str, Any]) -> None:
        peer.say([3, message_id, {"status": "Rejected", "currentTime": "2026-01-05T00:00:00Z", "interval": 30}])

    def judged(*levels: str) -> Report:
        return run_against(HostileCsms({"CP": rejected}), plan_of(COUNT, duration_second=60), monkeypatch, *levels)

    report = judged("failed==0", "p50<500ms")
    assert [str(result) for result in report.levels if not result.met] == []
    assert not report.passed
    assert report.trouble is not None
    assert judged("boots==0").passed, "whoever expects it says so"


@pytest.mark.parametrize("shape", ["rolling-restart", "blackout"])
def test_what_waited_for_the_csms_before_a_restart_or_a_blackout_stays_late(
    shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    csms = HostileCsms()
    csms.at(30, csms.die)
    csms.at(45, csms.revive)
    how = {"rolling-restart": {"over_second": 1}, "blackout": {"for_second": 5}}[shape]
    report = run_against(
        csms, plan(150, load=[{"shape": shape, "at_second": 40, **how}]), monkeypatch, "max<5s", grace_second=60
    )
    values = report.total.actions["MeterValues"]
    assert not report.levels[0].met
    assert values.replayed >= 4 * COUNT
    assert values.latency.maximum_second is not None
    assert 9 < values.latency.maximum_second < report.total.backlog.maximum_second, "but for the time when it was off"
    assert report.total.total().latency.count >= report.total.total().done - 2 * COUNT, (
        "all but what starts have to say"
    )
    assert adds_up(report)


def test_what_waits_for_a_dead_csms_through_a_restart_is_open_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms()
    csms.at(30, csms.die)
    restart = [{"shape": "rolling-restart", "at_second": 40, "over_second": 1}]
    report = run_against(csms, plan(60, load=restart), monkeypatch, "errors<1%", grace_second=0)
    values = report.total.actions["MeterValues"]
    assert values.overdue >= 4 * COUNT
    assert not report.levels[0].met
    assert not any(name.endswith(("Raised", "Sampled", "Updated")) for name in report.total.actions), (
        "none by our own names"
    )


@pytest.mark.parametrize("table", ["fault", "load"])
def test_who_was_never_accepted_counts_whatever_this_fleet_does_before_the_end(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_peer: Peer, _action: str, _message_id: str, _payload: dict[str, Any]) -> None:
        """Accept nobody."""

    what = {
        "fault": {"fault": "link-drop", "at_second": 35, "for_second": 1000},
        "load": {"shape": "blackout", "at_second": 35, "for_second": 1000},
    }[table]
    idle = plan_of(COUNT, duration_second=40, **{table: [what]})
    report = run_against(HostileCsms({"CP": silent}), idle, monkeypatch, grace_second=0)
    assert report.total.boot.count == COUNT
    assert report.total.boot.minimum_second == pytest.approx(35, abs=1)


def test_stations_that_restart_at_the_end_are_on_and_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    restart = [{"shape": "rolling-restart", "at_second": 38, "over_second": 1, "away_second": 30}]
    report = run_against(HostileCsms(), plan_of(COUNT, duration_second=45, load=restart), monkeypatch, grace_second=0)
    gauges = report.total.gauges
    assert (gauges.on, gauges.connected, gauges.cut_off) == (COUNT, 0, COUNT)
    assert report.passed
