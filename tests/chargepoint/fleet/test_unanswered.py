"""What had no answer when a run ended, what was left out while one was owed, and what belongs to the run at all: on virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from chargepoint.fleet.controller import Controller
from chargepoint.fleet.measure.snapshot import ActionFigures, Gauges, Snapshot
from chargepoint.fleet.messages import Progress, Up
from chargepoint.fleet.plan import Plan
from chargepoint.fleet.report.html import render_html
from chargepoint.fleet.report.json_report import as_data
from chargepoint.fleet.report.junit import render_junit
from chargepoint.fleet.report.levels import judge, parse
from chargepoint.fleet.report.parts import PartFigures
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.report.text import render_text
from chargepoint.fleet.seat import Seat
from chargepoint.link.errors import NetworkError, Reason
from tests.chargepoint.fleet.hostile import HostileCsms, Manner, Peer, accept, run_against
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


@pytest.mark.parametrize("grace_second", [0.0, 3.0])
def test_a_csms_that_stops_answering_keeps_no_service_level(
    grace_second: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = ("p99<500ms", "errors<0.1%", "max.MeterValues<5s", "overdue==0")
    report = run_against(HostileCsms({"CP": until(40)}), plan(60), monkeypatch, *levels, grace_second=grace_second)
    assert [result.met for result in report.levels] == [False] * 4
    assert adds_up(report)
    values = report.total.actions["MeterValues"]
    assert values.overdue > COUNT
    assert values.failures == 0, "no time limit has passed"
    assert values.latency.maximum_second == pytest.approx(20 + grace_second * 2 / 3, abs=2.5)
    (sentence,) = [sentence for sentence in report.findings if "had no answer when the run had ended" in sentence]
    assert f"MeterValues {values.overdue}" in sentence
    assert "overdue at the end" in render_text(report)


def test_what_is_answered_late_but_before_all_is_over_is_only_late(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"CP": until(55, then=after(9.0))})
    report = run_against(csms, plan(60), monkeypatch, "errors==0%", "p50<500ms", "max<5s", grace_second=120)
    assert [result.met for result in report.levels] == [True, True, False]
    total, points = report.total.total(), report.points
    assert points[-1].at_second == 60
    for name in ("sent", "answered", "failed"):
        whole = total.failures if name == "failed" else getattr(total, name)
        assert sum(getattr(point, name) for point in points) == whole, "the graph has all that the table has"
    assert sum(point.latency.count for point in points) == total.latency.count
    latency = report.total.actions["MeterValues"].latency.maximum_second
    assert latency is not None
    assert latency > 9
    assert report.total.total().overdue == report.total.total().open == 0
    assert adds_up(report)


def test_what_was_just_sent_is_no_fault_of_the_csms(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"CP": until(58.5, then=after(0.9))})
    report = run_against(csms, plan(59.3), monkeypatch, "errors==0%", "overdue==0", grace_second=0)
    assert report.passed
    total = report.total.total()
    assert total.open > 0
    assert total.latency.count == total.done - total.replayed, "how long it will take nobody knows"


@pytest.mark.parametrize("grace_second", [0.0, 3.0])
def test_a_csms_that_crashes_and_stays_away_owes_all_that_waits_for_it(
    grace_second: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    csms = HostileCsms()
    csms.at(30, lambda: csms.die(lambda: NetworkError(Reason.REFUSED, "x")))
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
        csms.at(30, lambda: csms.die(lambda: NetworkError(Reason.REFUSED, "x")))
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
    csms.at(40, lambda: csms.die(lambda: NetworkError(Reason.REFUSED, "x")))
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
    csms.at(30, lambda: csms.die(lambda: NetworkError(Reason.REFUSED, "x")))
    drop = [{"fault": "link-drop", "at_second": 36, "for_second": 1}]
    report = run_against(csms, plan(44, fault=drop), monkeypatch, "errors<1%", grace_second=0)
    assert report.deserted is not None
    assert report.total.gauges.cut_off == 0
    assert [result.met for result in report.levels] == [False]
    assert report.total.actions["MeterValues"].latency.maximum_second == pytest.approx(13, abs=2.5)


def test_a_csms_that_hangs_up_on_idle_stations_is_as_late_as_one_that_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def revived(csms: HostileCsms) -> None:
        csms.down = None

    idle = plan_of(COUNT, duration_second=60)
    hanging = HostileCsms({"CP": every_second(accept)})
    hanging.at(20, lambda: hanging.die(lambda: NetworkError(Reason.REFUSED, "x")))
    hanging.at(30, lambda: revived(hanging))
    silent = HostileCsms({"CP": every_second(silent_between(20, 30))})
    for csms in (hanging, silent):
        report = run_against(csms, idle, monkeypatch, "p90<1s", "errors==0%")
        beats = report.total.actions["Heartbeat"]
        assert beats.skipped >= 9 * COUNT
        assert beats.latency.maximum_second is not None
        assert beats.latency.maximum_second > 8
        assert not report.levels[0].met


def test_boot_times_are_also_those_of_stations_that_were_never_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    def some(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if peer.identity.endswith("1"):
            accept(peer, action, message_id, payload)

    report = run_against(
        HostileCsms({"CP": some}), plan_of(COUNT, duration_second=40), monkeypatch, "boot.p50<5s", grace_second=0
    )
    assert report.total.boots == 1
    assert report.total.boot.count == COUNT
    assert report.total.boot.percentile(50) == pytest.approx(40, abs=1)
    assert not report.levels[0].met


def test_rates_are_those_of_the_run_and_not_of_its_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    level = "rate.MeterValues>1.5/s"  # one in 2 s of each of 5 stations, once somebody charges
    assert run_against(HostileCsms(), plan(60), monkeypatch, level).passed
    report = run_against(HostileCsms({"CP": until(30, then=after(6))}), plan(60), monkeypatch, level, grace_second=90)
    values = report.total.actions["MeterValues"]
    assert values.in_grace > 5 * COUNT
    assert not report.passed
    assert max(point.rate for point in report.points) < 5 * COUNT
    assert sum(point.answered for point in report.points) == report.total.total().answered


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
    def back(csms: HostileCsms) -> None:
        csms.down = None

    csms = HostileCsms()
    csms.at(30, lambda: csms.die(lambda: NetworkError(Reason.REFUSED, "x")))
    csms.at(45, lambda: back(csms))
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


def test_nobody_waits_at_the_end_for_stations_that_were_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def pending(peer: Peer, _action: str, message_id: str, _payload: dict[str, Any]) -> None:
        peer.say([3, message_id, {"status": "Pending", "currentTime": "2026-01-05T00:00:00Z", "interval": 300}])

    ends: list[int] = []
    csms = HostileCsms({"CP": pending})
    for second in (59.0, 62.0):
        csms.at(second, lambda: ends.append(len(csms.present)))
    run_against(csms, plan(60), monkeypatch, grace_second=60)
    assert ends == [COUNT], "the run has long been over at the second look"


def test_each_heartbeat_that_a_slow_csms_has_prevented_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def stall(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        second = peer.csms.second
        (after(28 - second) if 20 <= second < 28 else accept)(peer, action, message_id, payload)

    idle = plan_of(COUNT, duration_second=40)
    report = run_against(HostileCsms({"CP": every_second(stall)}), idle, monkeypatch)
    beats = report.total.actions["Heartbeat"]
    assert beats.skipped == 7 * COUNT
    due = beats.sent + beats.skipped
    assert beats.latency.count == due
    assert due == pytest.approx(39 * COUNT, abs=COUNT)
    slow = sum(count for lower, _, count in beats.latency.buckets() if lower > 0.5)
    assert slow == pytest.approx(8 * COUNT, abs=COUNT)
    assert beats.latency.maximum_second == pytest.approx(8, abs=0.1)
    (sentence,) = [sentence for sentence in report.findings if "left out" in sentence]
    assert f"Heartbeat {beats.skipped}" in sentence


def test_heartbeats_that_wait_behind_one_that_is_never_answered_are_late_but_were_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = run_against(
        HostileCsms({"CP": every_second(until(20))}), plan_of(COUNT, duration_second=40), monkeypatch, grace_second=0
    )
    beats = report.total.actions["Heartbeat"]
    assert beats.skipped == pytest.approx(19 * COUNT, abs=COUNT)
    assert beats.overdue == COUNT
    assert beats.latency.percentile(75) == pytest.approx(10, abs=1)


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


def test_a_power_cut_takes_the_answer_along(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"CP": until(31, then=until(0, then=after(5)))})
    blackout = [{"shape": "blackout", "at_second": 35, "for_second": 10, "share": 1.0}]
    report = run_against(csms, plan(80, load=blackout), monkeypatch)
    assert report.total.total().abandoned == COUNT
    assert adds_up(report)
    assert "cut off by this fleet 5" in render_text(report)


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
