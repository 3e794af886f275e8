"""Where 1.6 stations are known to trip: each test names the trap.

What the certification cases and the rules of the text cover already is in `tests/conformance/v16`; here is what falls between them:
outages with restarts in the middle, numbers learnt late, cards that are known to one and not to the other. Clocks and statuses are in
`test_traps_16_status.py`.
"""

from datetime import UTC, datetime

import pytest

from tests.profiles.traps_16 import (
    KNOWN,
    OTHER,
    assert_in_order,
    charge,
    configure,
    knowing,
    power_cut,
    told,
    transaction_messages,
)
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER

RESUMING = {"TxCtrlr.ResumptionTimeout": 604_800, "TxCtrlr.AllowEnergyTransferResumption": True}
"""Factory values of a station that goes on after a power cut."""


@pytest.fixture
def bench() -> Bench:
    """A station that the Central System has accepted, and that has KNOWN in its cache."""
    return knowing(Bench("1.6", variables={"MeterValueSampleInterval": 60}).boot())


# --- outages, restarts, and the number of the transaction ------------------------------------------------------------------


def test_stop_transaction_with_minus_one_after_an_offline_session(bench: Bench) -> None:
    """Started and stopped offline: StopTransaction bears the number that StartTransaction gets later."""
    bench.disconnect()
    charge(bench)
    bench.run(120)
    bench.tap(KNOWN)
    bench.run(5)
    bench.csms.forget()
    bench.csms.log.clear()
    bench.connect()
    bench.run(5)
    actions = [request.action for request in transaction_messages(bench)]
    assert actions == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
    assert {r["transactionId"] for r in transaction_messages(bench)[1:]} == {1001}
    assert_in_order(bench)


def test_meter_values_queued_before_a_restart_keep_their_transaction(bench: Bench) -> None:
    """Offline start, values, power cut, still offline: all of it is mapped to the number learnt after the restart."""
    bench.disconnect()
    charge(bench)
    bench.run(125)
    new = power_cut(bench)
    new.run(30)
    new.connect()
    new.run(30)
    start, *rest = transaction_messages(new)
    assert start.action == "StartTransaction"
    assert [r.action for r in rest] == ["MeterValues", "MeterValues", "StopTransaction"]
    assert {r["transactionId"] for r in rest} == {1001}
    assert rest[-1]["reason"] == "PowerLoss"
    assert_in_order(new)


@pytest.mark.parametrize("reset", ["Hard", "Soft"])
def test_start_transaction_lost_in_a_reset_while_offline(bench: Bench, reset: str) -> None:
    """The start was never confirmed when the connection broke; the station restarts; the start still goes first."""
    bench.csms.handlers["StartTransaction"] = lambda _csms, _payload: NO_ANSWER
    charge(bench)
    assert bench.call("Reset", type=reset)["status"] == "Accepted"
    bench.disconnect()
    new = bench.restarted(within=120)
    new.run(60)
    new.connect()
    new.run(30)
    start, stop = transaction_messages(new)
    assert (start.action, start["idTag"]) == ("StartTransaction", KNOWN)
    assert (stop.action, stop["transactionId"], stop["reason"]) == ("StopTransaction", 1001, f"{reset}Reset")


def test_a_transaction_that_runs_for_ever_after_a_restart_offline(bench: Bench) -> None:
    """After a power cut offline the session is over on the EVSE too: the next driver can charge at once, without a CSMS."""
    bench.disconnect()
    charge(bench)
    new = power_cut(bench)
    new.run(10)
    assert not new.evse().contactor_closed
    new.tap(KNOWN)
    new.run(10)
    assert new.evse().contactor_closed
    new.tap(KNOWN)
    new.run(5)
    assert not new.evse().contactor_closed
    new.connect()
    new.run(10)
    actions = [r.action for r in transaction_messages(new) if r.action != "MeterValues"]
    assert actions == ["StartTransaction", "StopTransaction"] * 2
    assert [r["transactionId"] for r in transaction_messages(new) if r.action == "StopTransaction"] == [1001, 1002]
    assert_in_order(new)


def test_meter_values_lost_because_they_were_taken_offline(bench: Bench) -> None:
    """One for each interval, whatever the outages and restarts of the connection."""
    charge(bench)
    for _ in range(3):
        bench.disconnect()
        bench.run(180)
        bench.connect()
        bench.run(5)
    values = [r for r in transaction_messages(bench) if r.action == "MeterValues"]
    assert len(values) == 9
    assert_in_order(bench)


def test_a_power_cut_ends_with_the_last_known_register(bench: Bench) -> None:
    """Not 0, not the register after the outage: what the vehicle has had, and PowerLoss."""
    charge(bench)
    bench.run(1800)
    before = bench.evse().imported_watt_hour
    new = power_cut(bench)
    new.run(600)
    new.connect()
    new.run(5)
    stop = new.expect("StopTransaction", transactionId=1001, reason="PowerLoss")
    assert before - 200 <= stop["meterStop"] <= before + 1
    assert stop["timestamp"] < datetime.fromtimestamp(new.wall(), UTC).isoformat()


def test_a_power_cut_is_survived_where_that_is_configured() -> None:
    """The same number goes on, is stopped once, and with the register of its real end."""
    bench = knowing(Bench("1.6", variables=RESUMING).boot())
    charge(bench)
    bench.run(300)
    new = power_cut(bench)
    new.connect()
    new.run(60)
    assert new.evse().contactor_closed
    assert not new.csms.of("StopTransaction")
    assert not new.csms.of("StartTransaction")
    new.run(300)
    new.tap(KNOWN)
    stop = new.expect("StopTransaction", transactionId=1001, reason="Local", idTag=KNOWN)
    assert stop["meterStop"] == pytest.approx(new.evse().imported_watt_hour, abs=5)
    new.expect_none("StopTransaction", during=60)


def test_the_number_of_a_transaction_is_forgotten_in_a_restart() -> None:
    """It can be stopped remotely by the number that it had before."""
    bench = knowing(Bench("1.6", variables=RESUMING).boot())
    charge(bench)
    new = power_cut(bench)
    new.connect()
    new.run(60)
    assert new.call("RemoteStopTransaction", transactionId=1001)["status"] == "Accepted"
    new.expect("StopTransaction", transactionId=1001, reason="Remote")


def test_a_backlog_leaks_while_the_boot_is_pending(bench: Bench) -> None:
    """What was queued offline waits for the acceptance, and loses no attempts by it."""
    bench.disconnect()
    charge(bench)
    bench.run(120)
    new = power_cut(bench, variables={"MeterValueSampleInterval": 60, "TransactionMessageAttempts": 1})
    new.csms.boot_status, new.csms.boot_interval = "Pending", 100
    new.connect()
    new.run(90)
    assert {request.action for request in new.csms.requests} == {"BootNotification"}
    new.csms.boot_status = "Accepted"
    new.run(30)
    assert [r.action for r in transaction_messages(new) if r.action != "MeterValues"] == [
        "StartTransaction",
        "StopTransaction",
    ]


# --- authorization offline -------------------------------------------------------------------------------------------------


def test_the_local_list_offline_needs_local_pre_authorize() -> None:
    """It does not: LocalAuthorizeOffline decides offline, LocalPreAuthorize online."""
    bench = Bench("1.6", variables={"LocalPreAuthorize": False, "LocalAuthorizeOffline": True}).boot()
    assert listed(bench, OTHER) == "Accepted"
    bench.disconnect()
    charge(bench, OTHER)


def listed(bench: Bench, *tokens: str, version: int = 1) -> str:
    """Put tokens on the local list; the answer."""
    answer = bench.call(
        "SendLocalList",
        listVersion=version,
        updateType="Full" if version == 1 else "Differential",
        localAuthorizationList=[{"idTag": token, "idTagInfo": {"status": "Accepted"}} for token in tokens],
    )
    return str(answer["status"])


def test_a_local_list_of_more_than_a_handful() -> None:
    """Thousands of entries, sent in parts, outlive a power cut."""
    bench = Bench("1.6").boot()
    most = int(bench.call("GetConfiguration", key=["SendLocalListMaxLength"])["configurationKey"][0]["value"])
    for part in range(5):
        tokens = [f"{part:02d}{number:06d}" for number in range(min(most, 1000))]
        assert listed(bench, *tokens, version=part + 1) == "Accepted"
    new = power_cut(bench)
    charge(new, "04000500")


def test_list_and_cache_and_central_system_do_not_exclude_each_other(bench: Bench) -> None:
    assert listed(bench, "04LISTED") == "Accepted"
    for token in ("04LISTED", KNOWN, "04ASKED"):
        charge(bench, token)
        bench.tap(token)
        bench.run(5)
        bench.unplug()
        bench.run(1)
    assert {r["idTag"] for r in bench.csms.of("StartTransaction")} == {"04LISTED", KNOWN, "04ASKED"}


def test_a_valid_card_is_refused_offline_because_it_has_expired_in_the_cache() -> None:
    """It must be (§3.5.4), even where unknown ones are welcome."""
    bench = Bench("1.6", variables={"AllowOfflineTxForUnknownId": True}).boot()
    soon = datetime.fromtimestamp(bench.wall() + 60, UTC).isoformat()
    bench.csms.tokens[KNOWN] = {"status": "Accepted", "expiryDate": soon}
    knowing(bench)
    bench.disconnect()
    bench.run(120)
    bench.plug_in()
    bench.tap(KNOWN)
    bench.run(5)
    assert not bench.evse().contactor_closed
    bench.tap(OTHER)
    bench.run(5)
    assert bench.evse().contactor_closed


@pytest.mark.parametrize("length", [20, 21])
def test_an_id_tag_that_is_too_long_is_cut(length: int) -> None:
    """20 characters are told as they are (CiString20Type); a longer token is refused, not shortened to somebody else's."""
    bench = Bench("1.6").boot()
    token = "A" * length
    bench.plug_in()
    bench.tap(token)
    bench.run(5)
    told = [r["idTag"] for r in bench.csms.log if r.action in ("Authorize", "StartTransaction")]
    assert told == ([token, token] if length == 20 else [])
    assert bench.evse().contactor_closed is (length == 20)


def test_the_parent_is_mistaken_for_a_card() -> None:
    """§3.10: a card that happens to bear the value of the parent does not stop the session of the group."""
    bench = Bench("1.6").boot()
    bench.csms.tokens[KNOWN] = {"status": "Accepted", "parentIdTag": "04PARENT"}
    charge(bench)
    bench.tap("04PARENT")
    bench.run(5)
    assert bench.evse().contactor_closed
    assert not bench.csms.of("StopTransaction")


@pytest.mark.parametrize("limit", [0, 100, 1000])
def test_max_energy_on_invalid_id_is_only_stored(limit: int) -> None:
    """It is obeyed: no more than that, and the transaction goes on until the vehicle leaves."""
    bench = Bench("1.6", variables={"StopTransactionOnInvalidId": False, "MaxEnergyOnInvalidId": limit}).boot()
    bench.csms.handlers["StartTransaction"] = lambda _csms, _payload: {
        "transactionId": 7,
        "idTagInfo": {"status": "Invalid"},
    }
    bench.plug_in()
    bench.tap(KNOWN)
    bench.run(3600)
    assert not bench.evse().contactor_closed
    assert bench.evse().imported_watt_hour == pytest.approx(limit, abs=20)
    bench.expect_none("StopTransaction", during=10)
    bench.unplug()
    bench.expect("StopTransaction", transactionId=7, reason="EVDisconnected")


# --- the rest --------------------------------------------------------------------------------------------------------------


def test_the_meter_reads_0_before_it_was_read_at_all(bench: Bench) -> None:
    """A transaction that begins right after a start has the register of the meter, not 0."""
    charge(bench)
    bench.run(1800)
    bench.tap(KNOWN)
    bench.run(1)
    register = bench.evse().imported_watt_hour
    bench.unplug()
    assert register > 1000
    new = power_cut(bench)
    new.plug_in()
    new.tap(KNOWN)
    new.connect()
    start = new.expect("StartTransaction")
    assert start["meterStart"] == pytest.approx(register, abs=2)


def test_two_security_events_for_one_start() -> None:
    """One for each start; none again for a new connection."""
    bench = Bench("1.6")
    bench.connect()
    bench.run(5)
    bench.disconnect()
    bench.run(5)
    bench.connect()
    bench.run(5)
    kinds = [r["type"] for r in bench.csms.of("SecurityEventNotification")]
    assert kinds.count("StartupOfTheDevice") == 1
    assert "ResetOrReboot" not in kinds


def test_the_statuses_are_not_told_after_a_boot_or_an_outage(bench: Bench) -> None:
    """After the acceptance all, station included; after a long outage those as well, or what has changed."""
    new = power_cut(bench)
    new.connect()
    new.run(5)
    assert {r["connectorId"] for r in new.csms.of("StatusNotification")} == {0, 1}
    new.disconnect()
    new.plug_in()
    new.run(600)
    new.csms.forget()
    new.connect()
    new.run(5)
    assert told(new)[-1] == "Preparing"


def test_a_full_queue_loses_starts_and_stops(bench: Bench) -> None:
    """A week offline: values are thinned where they must be, sessions never; what comes is in order."""
    bench.csms.log.clear()
    bench.disconnect()
    for _ in range(30):
        charge(bench)
        bench.run(3600)
        bench.tap(KNOWN)
        bench.run(5)
        bench.unplug()
        bench.run(60)
    bench.connect()
    bench.run(120)
    messages = transaction_messages(bench)
    assert sum(r.action == "StartTransaction" for r in messages) == 30
    assert sum(r.action == "StopTransaction" for r in messages) == 30
    assert_in_order(bench)
    stops = [r["transactionId"] for r in messages if r.action == "StopTransaction"]
    assert stops == list(range(1001, 1031))


def test_a_setting_that_is_accepted_and_has_no_effect() -> None:
    """ConnectionTimeOut, MeterValueSampleInterval, HeartbeatInterval, changed while they are in use, hold from then on."""
    bench = Bench("1.6").boot()
    charge(bench)
    bench.csms.forget()
    configure(bench, "MeterValueSampleInterval", "10")
    bench.run(61)
    assert len(bench.csms.of("MeterValues")) == 6
    bench.tap(KNOWN)
    bench.unplug()
    bench.run(1)
    bench.csms.forget()
    configure(bench, "HeartbeatInterval", "20")
    bench.run(61)
    assert bench.actions() == ["Heartbeat"] * 3
    configure(bench, "ConnectionTimeOut", "5")
    bench.tap(KNOWN)
    bench.run(6)
    bench.plug_in()
    bench.run(5)
    assert not bench.evse().contactor_closed
