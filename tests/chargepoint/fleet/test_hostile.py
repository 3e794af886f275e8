"""A fleet against central systems that refuse, stall, close, answer rubbish, or serve only some: on virtual time.

Half of the stations (GOOD…) are served well, the other half (BAD…) is treated as each test says. What the good ones do must be what they do
when nobody is treated badly, to the microsecond and to the message.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from chargepoint.fleet.measure.snapshot import Snapshot
from chargepoint.fleet.plan import Plan
from chargepoint.fleet.report.html import render_html
from chargepoint.fleet.report.json_report import as_data
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.report.text import longest_queue, render_text
from chargepoint.link.errors import LinkError, NetworkError, Reason, UpgradeError
from tests.chargepoint.fleet.hostile import HostileCsms, Manner, Peer, accept, no_version, run_against
from tests.chargepoint.fleet.load.town import plan_of

EACH = 4
"""Stations of each kind."""
CHARGING = {
    "sessions": {
        "generator": {"enable": True, "minDuration": 100, "maxDuration": 200, "maxDelayBetweenTwoTransactions": 20}
    }
}
VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])


def plan(version: str, *, second: float = 600, bad: int = EACH, **tables: Any) -> Plan:
    """Good stations that charge, and after them bad ones."""
    groups = [{"template": "home", "count": EACH, "id": "GOOD{n}"}]
    if bad:
        groups.append({"template": "home", "count": bad, "id": "BAD{n}"})
    return plan_of(version=version, duration_second=second, group=groups, **{"template": CHARGING, **tables})


@pytest.fixture(autouse=True)
def _nothing_is_wrong_within(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test may make this program log an error or a traceback."""
    yield
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info]
    assert not errors, "\n".join(record.getMessage() for record in errors)


@cache
def undisturbed(version: str, second: float) -> dict[str, list[tuple[float, str]]]:
    """What the good stations say, and when, when there are no others."""
    csms = HostileCsms()
    with pytest.MonkeyPatch.context() as patch:
        report = run_against(csms, plan(version, second=second, bad=0), patch)
    assert not report.findings
    assert report.passed
    heard = of_kind(csms, "GOOD")
    assert len(heard) == EACH
    assert all(len(said) > 8 for said in heard.values())
    return heard


def of_kind(csms: HostileCsms, kind: str) -> dict[str, list[tuple[float, str]]]:
    return {identity: said for identity, said in csms.heard.items() if identity.startswith(kind)}


def live_through(
    csms: HostileCsms, version: str, patch: pytest.MonkeyPatch, *levels: str, second: float = 600
) -> Report:
    """Run both halves, and see that the good one was not disturbed, nothing has grown without end, and all reports can be made."""
    report = run_against(csms, plan(version, second=second), patch, *levels)
    assert of_kind(csms, "GOOD") == undisturbed(version, second)
    assert not report.incidents, [incident.sentence for incident in report.incidents]
    assert report.total.gauges.on == 2 * EACH
    half = report.points[len(report.points) // 2].gauges
    assert report.total.gauges.timers <= half.timers + 2 * EACH
    assert longest_queue(report) <= 30
    for sentence in report.findings:
        assert sentence in render_text(report)
    assert as_data(report)["findings"] == list(report.findings)
    assert ("What went wrong" in render_html(report)) is bool(report.findings)
    return report


def finding(report: Report, words: str) -> str:
    """The one sentence with these words."""
    (sentence,) = [sentence for sentence in report.findings if words in sentence]
    return sentence


def failed(report: Report) -> Counter[str]:
    """Failed messages by code."""
    return Counter(report.total.total().failed) + Counter(Snapshot(actions=report.total.ending).total().failed)


def answered(report: Report, action: str) -> int:
    """How often an action was answered, in the run and while it was wound down."""
    return sum(actions[action].answered for actions in (report.total.actions, report.total.ending) if action in actions)


# --- refused ------------------------------------------------------------------------------------------------------------------


@VERSIONS
@pytest.mark.parametrize(
    ("refusal", "word", "advice"),
    [
        (lambda: NetworkError(Reason.REFUSED, "x"), "refused", "is the CSMS running"),
        (lambda: UpgradeError(Reason.UNAUTHORIZED, "x", 401), "unauthorized", "check the group's password"),
        (lambda: UpgradeError(Reason.FORBIDDEN, "x", 403), "forbidden", "allow their identities"),
        (lambda: UpgradeError(Reason.NOT_FOUND, "x", 404), "not found", "check the path of csms.url"),
        (lambda: UpgradeError(Reason.SERVER_ERROR, "x", 503), "server error", "down or overloaded"),
    ],
)
def test_stations_that_are_refused_try_on_and_are_told_with_what_to_do(
    version: str, refusal: Callable[[], LinkError], word: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    csms = HostileCsms(refusals={"BAD": refusal})
    report = live_through(
        csms, version, monkeypatch, f"unreachable.{word.replace(' ', '?')}==0", "boots==4", "errors<1%"
    )
    assert report.total.unreachable == {word: csms.did["refused"]}
    assert csms.did["refused"] >= 3 * EACH
    assert [result.met for result in report.levels] == [False, True, True]
    assert report.total.gauges.connected == EACH
    sentence = finding(report, f"attempts to connect failed ({word})")
    assert sentence.startswith(f"{csms.did['refused']} ")
    assert advice in sentence
    assert "4 of 8 stations that were on had no connection at the end" in report.findings
    assert report.unserved is None


@VERSIONS
def test_stations_that_speak_no_version_of_the_csms(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"BAD": no_version})
    report = live_through(csms, version, monkeypatch)
    tries = sum(identity.startswith("BAD") for _, identity in csms.tries)
    assert report.total.unreachable == {"no subprotocol": tries}
    assert "template.NAME.csms.versions" in finding(report, "no subprotocol")


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_template_says_how_long_stations_wait_between_attempts(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = {"WaitMinimum": 7, "RandomRange": 0, "RepeatTimes": 1}
    template = {"variables": {f"OCPPCommCtrlr.RetryBackOff{name}": value for name, value in waits.items()}}
    csms = HostileCsms(refusals={"CP": lambda: NetworkError(Reason.REFUSED, "x")})
    run_against(csms, plan_of(1, version=version, duration_second=60, template=template), monkeypatch, grace_second=0)
    tries = [second for second, _ in csms.tries]
    assert [round(after - before) for before, after in pairwise(tries)][:3] == [7, 14, 14]


# --- not accepted -------------------------------------------------------------------------------------------------------------


def boot_status(status: str) -> Manner:
    """Answer every boot so, to be tried again after 30 s."""

    def manner(peer: Peer, action: str, message_id: str, _payload: dict[str, Any]) -> None:
        peer.csms.did[action] += 1
        assert action == "BootNotification", "nothing else may be said before the station is accepted"
        peer.say([3, message_id, {"status": status, "currentTime": "2026-01-05T00:00:00Z", "interval": 30}])

    return manner


@VERSIONS
@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_stations_that_are_not_accepted_ask_again_when_they_may(
    version: str, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    csms = HostileCsms({"BAD": boot_status(status)})
    report = live_through(csms, version, monkeypatch, "accepted==8", "boots==4")
    for said in of_kind(csms, "BAD").values():
        gaps = [after - before for (before, _), (after, _) in pairwise(said)]
        assert len(gaps) >= 17
        assert all(gap == pytest.approx(30, abs=0.1) for gap in gaps)
    assert answered(report, "BootNotification") == csms.did["BootNotification"] + EACH
    assert report.total.boots == EACH
    assert report.total.gauges.connected == 2 * EACH
    assert report.total.gauges.accepted == EACH
    assert "4 of 8 stations with a connection were not accepted at the end" in finding(report, "Pending or Rejected")
    assert [result.met for result in report.levels] == [False, True]


@VERSIONS
def test_a_csms_that_accepts_nobody_is_said_first(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"GOOD": boot_status("Rejected"), "BAD": boot_status("Pending")})
    report = run_against(csms, plan(version), monkeypatch)
    assert not report.passed
    assert render_text(report).startswith(
        "! no station was ever accepted: the CSMS answered every BootNotification with Pend"
    )


# --- what it answers ----------------------------------------------------------------------------------------------------------


def after_boot(manner: Manner) -> Manner:
    """Accept the boot; treat so what follows, and count it."""

    def treat(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if action == "BootNotification":
            accept(peer, action, message_id, payload)
        else:
            peer.csms.did["treated"] += 1
            manner(peer, action, message_id, payload)

    return treat


def say(*frames: Any) -> Manner:
    """Answer with these frames or texts; ID stands for the message id."""

    def manner(peer: Peer, _action: str, message_id: str, _payload: dict[str, Any]) -> None:
        for frame in frames:
            text = frame if isinstance(frame, str) else json.dumps(frame)
            peer.say(text.replace("ID", message_id))

    return manner


def silent(_peer: Peer, _action: str, _message_id: str, _payload: dict[str, Any]) -> None:
    """Answer nothing."""


@VERSIONS
def test_refusals_of_the_csms_are_counted_by_their_code(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"BAD": after_boot(say([4, "ID", "InternalError", "no <b>disk</b>", {}]))})
    report = live_through(csms, version, monkeypatch, "errors<1%", "failed==0", "errors.BootNotification==0%")
    assert failed(report) == {"InternalError": csms.did["treated"]}
    refused = report.total.total().failed["InternalError"]
    assert csms.did["treated"] - EACH <= refused <= csms.did["treated"], "what came after the end is not the run's"
    assert f"{refused} messages were refused by the CSMS with InternalError" in finding(report, "InternalError")
    assert [result.met for result in report.levels] == [False, False, True]


@VERSIONS
def test_what_is_never_answered_times_out_and_the_station_goes_on(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def some(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if action in ("StatusNotification", "Heartbeat"):
            peer.csms.did[action] += 1
        else:
            accept(peer, action, message_id, payload)

    csms = HostileCsms({"BAD": some})
    report = live_through(csms, version, monkeypatch, "p99.StatusNotification<1s", "p99.BootNotification<1s")
    timeouts = failed(report)["timeout"]
    # The last one of a station may still be waited for at the end, or end with its connection.
    assert csms.did.total() - EACH <= timeouts <= csms.did.total()
    assert timeouts > 5 * EACH
    assert set(failed(report)) <= {"timeout", "lost"}
    assert [result.met for result in report.levels] == [False, True]
    assert "had no answer in time (StatusNotification" in finding(report, "no answer in time")
    assert len({action for said in of_kind(csms, "BAD").values() for _, action in said}) > 3, (
        "they say other things too"
    )


@VERSIONS
def test_answers_that_come_too_late_are_counted_as_such(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        peer.later(35.0, lambda: accept(peer, action, message_id, payload))

    csms = HostileCsms({"BAD": after_boot(late)})
    report = live_through(csms, version, monkeypatch)
    timeouts, late_ones = failed(report)["timeout"], report.total.rejected["late answer"]
    assert timeouts > 5 * EACH
    assert timeouts - EACH <= late_ones <= timeouts
    assert set(report.total.rejected) == {"late answer"}
    assert "came after the stations' time limit" in finding(report, f"{late_ones} answers")


@VERSIONS
def test_second_answers_are_counted_and_change_nothing(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        peer.csms.did["twice"] += 1
        accept(peer, action, message_id, payload)
        accept(peer, action, message_id, payload)

    csms = HostileCsms({"BAD": twice})
    report = live_through(csms, version, monkeypatch, "errors==0%", "rejected==0")
    # A second answer comes when the first has gone: nothing is outstanding, or the next CALL with another id.
    assert sum(report.total.rejected.values()) == csms.did["twice"]
    assert set(report.total.rejected) == {"stray answer"}
    assert not failed(report)
    assert [result.met for result in report.levels] == [True, False]


@VERSIONS
@pytest.mark.parametrize(
    ("frames", "word"),
    [
        (("rubbish",), "not JSON"),
        (("",), "not JSON"),
        (("{}",), "not an array"),
        (("[3]",), "wrong number or type of elements"),
        ((json.dumps([3, "x" * 37, {}]),), None),
        (([3, "other", {}],), "stray answer"),
        (("[" * 100_000 + "]" * 100_000,), None),
        (([9, "ID", {}],), "unknown message type"),
        (("\x00\ud7ff",), "not JSON"),
    ],
)
def test_rubbish_instead_of_answers_is_counted_by_what_is_wrong(
    version: str, frames: tuple[Any, ...], word: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    csms = HostileCsms({"BAD": after_boot(say(*frames))})
    report = live_through(csms, version, monkeypatch)
    assert sum(report.total.rejected.values()) == csms.did["treated"]
    if word is not None:
        assert report.total.rejected == {word: csms.did["treated"]}
    timeouts = failed(report)["timeout"]
    assert csms.did["treated"] - EACH <= timeouts <= csms.did["treated"]
    assert timeouts > 5 * EACH


@VERSIONS
@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {"status": 7, "currentTime": 7, "idTagInfo": 7, "idTokenInfo": 7, "transactionId": "one"},
        {"currentTime": "yesterday", "idTagInfo": {"status": "Fine"}, "idTokenInfo": {"status": "Fine"}},
        {"x" * 100_000: "y" * 1_000_000},
    ],
)
def test_answers_that_break_the_schema_are_failures_and_no_more(
    version: str, payload: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    csms = HostileCsms({"BAD": after_boot(say([3, "ID", payload]))})
    report = live_through(csms, version, monkeypatch)
    assert all(word.startswith("invalid: ") for word in failed(report))
    assert failed(report).total() > EACH
    assert "breaks the schema of OCPP" in finding(report, "--trace DIR")


@VERSIONS
@pytest.mark.parametrize("interval", [-1, 0, 1, 10**9, 10**18])
@pytest.mark.parametrize("now", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"])
def test_any_interval_and_time_of_a_boot_are_borne(
    version: str, interval: int, now: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def boot(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if action != "BootNotification":
            accept(peer, action, message_id, payload)
            return
        peer.csms.did["boots"] += 1
        answer = {"status": "Accepted", "currentTime": now, "interval": interval}
        peer.say([3, message_id, answer])

    csms = HostileCsms({"BAD": boot})
    report = live_through(csms, version, monkeypatch, second=120)
    assert report.total.actions["BootNotification"].sent == csms.did["boots"] + EACH
    heartbeats = sum(action == "Heartbeat" for said in of_kind(csms, "BAD").values() for _, action in said)
    assert heartbeats <= 120 * EACH


# --- how connections end ------------------------------------------------------------------------------------------------------


@VERSIONS
@pytest.mark.parametrize(("close", "word"), [(True, "1008 policy"), (False, "1006 connection lost")])
def test_connections_that_end_after_the_boot_are_made_again_ever_more_slowly(
    version: str, close: bool, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        accept(peer, action, message_id, payload)
        peer.csms.did["ended"] += 1
        if close:
            peer.connection.close(1008, "policy")
        else:
            peer.connection.abort()

    csms = HostileCsms({"BAD": end})
    report = live_through(csms, version, monkeypatch, "losses==0")
    ended = csms.did["ended"]
    assert report.total.losses == {word: ended}
    assert 0 < ended - report.total.reconnects <= EACH
    assert not report.passed
    assert f"{ended} connections ended, and not by the stations ({word} {ended})" in finding(
        report, "connections ended"
    )
    for member in csms.shard.members:
        tries = [at for at, identity in csms.tries if identity == member.plan.id]
        if member.plan.id.startswith("BAD"):
            gaps = [after - before for before, after in pairwise(tries)]
            assert min(gaps) >= 4.0, "no station hammers"


@VERSIONS
def test_a_connection_that_ends_with_every_third_message_loses_no_transaction(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def third(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if peer.count % 3 == 0:
            peer.csms.did["dropped"] += 1
            peer.connection.abort()
            return
        if action in ("StartTransaction", "StopTransaction", "TransactionEvent"):
            peer.csms.did["kept"] += 1
        accept(peer, action, message_id, payload)

    csms = HostileCsms({"BAD": third})
    report = live_through(csms, version, monkeypatch)
    assert report.total.losses == {"1006 connection lost": csms.did["dropped"]}
    assert failed(report) == {"lost": csms.did["dropped"]}
    assert csms.did["kept"] > 0
    assert not report.total.given_up, "a broken connection is no attempt"
    assert "had no answer because the connection broke" in finding(report, "connection broke")


# --- what it asks -------------------------------------------------------------------------------------------------------------


@VERSIONS
def test_a_flood_of_calls_is_answered_to_the_last(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 1000
    action = "GetLocalListVersion"

    def flood(peer: Peer, what: str, message_id: str, payload: dict[str, Any]) -> None:
        accept(peer, what, message_id, payload)
        if what == "BootNotification":
            for n in range(calls):
                peer.call(action if n % 2 else "MakeCoffee", {})

    csms = HostileCsms({"BAD": flood})
    report = live_through(csms, version, monkeypatch)
    assert report.total.received == {action: EACH * calls // 2}
    for identity, answers in csms.answers.items():
        assert len(answers) == calls, identity
        assert len({answer[1] for answer in answers}) == calls
    assert not failed(report)


@VERSIONS
def test_a_reset_of_all_at_once_brings_all_back(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def reset() -> None:
        for peer in list(csms.present):
            peer.call("Reset", {"type": "Hard" if version == "1.6" else "Immediate"})

    csms = HostileCsms()
    csms.at(300, reset)
    report = run_against(csms, plan(version), monkeypatch, "boots==16", "errors==0%", "losses==0")
    assert report.total.received == {"Reset": 2 * EACH}
    assert report.passed, [str(result) for result in report.levels]
    assert report.total.gauges.accepted == 2 * EACH
    assert not report.incidents


# --- it dies and comes back ---------------------------------------------------------------------------------------------------


@VERSIONS
def test_when_the_csms_has_died_stations_come_back_spread_and_all_of_them(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, died, back = 200, 100.0, 160.0
    csms = HostileCsms()
    csms.at(died, lambda: csms.die(lambda: NetworkError(Reason.REFUSED, "x")))

    def rise() -> None:
        csms.down = None

    csms.at(back, rise)
    quiet = plan_of(count, version=version, duration_second=900)
    report = run_against(csms, quiet, monkeypatch, f"reconnects=={count}", f"accepted=={count}")
    assert report.passed
    assert report.total.losses == {"1006 connection lost": count}
    refused = sum(died < at < back for at, _ in csms.tries)
    assert report.total.unreachable == {"refused": refused}
    first = [min(at for at, who in csms.tries if who == one and at > died) for one in csms.heard]
    if version == "1.6":
        assert min(first) >= died + 4.0
        assert max(first) <= died + 8.1
    # No thundering herd: at no second more than what chance within the back-off's own range allows.
    after = [at for at, _ in csms.tries if at >= back]
    busiest = max(Counter(int(at) for at in after).values())
    assert busiest < count / 4, f"{busiest} of {count} within one second"
    boots = [sum(action == "BootNotification" for _, action in said) for said in csms.heard.values()]
    assert set(boots) == {1}, "it has not started anew, so it is still accepted"
    assert report.total.away.count == count
    assert report.total.away.minimum_second is not None
    assert report.total.away.minimum_second >= back - died - 1
    assert report.total.gauges.queued == 0


# --- for long -----------------------------------------------------------------------------------------------------------------


@VERSIONS
@pytest.mark.req("E13.FR.03", "E13.FR.04")
def test_a_csms_that_keeps_no_transaction_has_each_message_five_times_and_then_never(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More comes than is given up: the rest waits, in the order in which it happened, and the report says how much."""

    def forgetful(peer: Peer, action: str, message_id: str, payload: dict[str, Any]) -> None:
        if action in ("StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"):
            peer.csms.did["refused"] += 1
            peer.say([4, message_id, "InternalError", "", {}])
        else:
            accept(peer, action, message_id, payload)

    csms = HostileCsms({"BAD": forgetful})
    busy = {"sessions": {"generator": {**CHARGING["sessions"]["generator"], "stopAfterHours": 24}}}
    group = [{"template": "home", "count": 1, "id": "BAD{n}"}]
    day = plan_of(version=version, duration_second=86_400, template=busy, group=group)
    report = run_against(csms, day, monkeypatch, "given_up==0", "queued<100")
    assert failed(report) == {"InternalError": csms.did["refused"]}
    given_up = sum(report.total.given_up.values())
    assert given_up > 100
    assert 5 * given_up <= csms.did["refused"] < 5 * given_up + 5, "one after the other"
    assert not report.total.unsent
    assert report.total.gauges.queued == longest_queue(report) > 100
    assert not report.passed
    assert not any(result.met for result in report.levels)
    assert finding(report, "given up after the last attempt").startswith(f"{given_up} stored messages")
    half = report.points[len(report.points) // 2].gauges
    assert report.total.gauges.timers <= half.timers + 10


@VERSIONS
def test_a_group_that_never_hears_anything_delays_no_other_by_its_own_place_in_the_queue(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """600 stations with a wrong password are more than connect at once; the good ones are accepted as if they were not there."""
    csms = HostileCsms(refusals={"BAD": lambda: UpgradeError(Reason.UNAUTHORIZED, "x", 401)})
    groups = [
        {"template": "home", "name": "bad", "count": 600, "id": "BAD{n}"},
        {"template": "home", "name": "good", "count": 100, "id": "GOOD{n}"},
    ]
    mixed = plan_of(version=version, duration_second=120, group=groups)
    report = run_against(csms, mixed, monkeypatch, "boots==100", "boot.max@good<1s")
    assert report.passed, [str(level) for level in report.levels]
    assert not report.incidents
    assert report.total.boot.percentile(50) == pytest.approx(120, abs=1), "those who were never accepted count as well"


def test_stations_that_had_to_wait_for_silent_ones_are_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    csms = HostileCsms({"BAD": silent})
    groups = [
        {"template": "home", "count": 600, "id": "BAD{n}"},
        {"template": "home", "count": 100, "id": "GOOD{n}"},
    ]
    report = run_against(csms, plan_of(version="1.6", duration_second=120, group=groups), monkeypatch, "boots==100")
    assert report.passed
    (incident,) = report.incidents
    assert incident.sentence.startswith("stations were switched on later than asked")
    assert "ramp more slowly" in incident.sentence
    assert report.total.boot.maximum_second is not None
    assert report.total.boot.maximum_second > 10
