"""What the CSMS asks of profiles: composite schedules, reports, clearing; and what it may not ask."""

from typing import Any

import pytest
from ocpp.messages import Call

from profiles.catalogue import Capabilities
from tests.support.bench import Bench
from tests.support.cars import long_range_car
from tests.support.charging_profiles import (
    ask_composite,
    clear,
    composite,
    ids,
    install,
    offer,
    profile,
    reported,
    transaction_of,
)

MAX = "ChargingStationMaxProfile"


def three(version: str) -> Bench:
    """Three profiles: of the station (1), of all EVSEs (2), of EVSE 1 (3), each on a level of its own."""
    bench = Bench(version, evses=2).boot()
    install(bench, 0, (0, 40.0), (60, 30.0), profile_id=1, purpose=MAX)
    install(bench, 0, (0, 16.0), profile_id=2, level=1)
    install(bench, 1, (0, 10.0), (100, 8.0), profile_id=3, level=2, duration=200)
    return bench


# --- composite schedule ------------------------------------------------------------------------------------------------


@pytest.mark.req("K08.FR.02", "K08.FR.04", "K08.FR.06")
def test_the_composite_schedule_of_an_evse(version: str) -> None:
    bench = three(version)
    assert composite(bench, 1) == [(0, 10.0), (100, 8.0), (200, 16.0)]
    assert composite(bench, 2) == [(0, 16.0)]
    assert composite(bench, 1, 100) == [(0, 10.0)]


@pytest.mark.req("K08.FR.03")
def test_the_composite_schedule_of_the_station(version: str) -> None:
    bench = three(version)
    assert composite(bench, 0) == [(0, 26.0), (100, 24.0), (200, 30.0)]
    assert composite(bench, 0, 50, "W") == [(0, 26.0 * 690)]


def test_a_duration_of_zero_asks_for_now(version: str) -> None:
    bench = three(version)
    bench.run(100)
    assert composite(bench, 1, 0) == [(0, 8.0)]


@pytest.mark.req("K08.FR.02")
def test_without_a_unit_the_station_chooses(version: str) -> None:
    assert composite(three(version), 2, unit=None) == [(0, 16.0)]


def test_a_schedule_says_how_many_phases(version: str) -> None:
    bench = Bench(version).boot()
    install(bench, 1, (0, 10.0), phases=1)
    answer = ask_composite(bench, 1, 60, "A")
    plan = answer["chargingSchedule" if version == "1.6" else "schedule"]
    assert plan["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 10.0, "numberPhases": 1}]


def test_the_schedule_of_a_running_relative_profile_goes_on_from_where_it_is(version: str) -> None:
    bench = Bench(version).boot()
    install(bench, 1, (0, 10.0), (60, 16.0), kind="Relative")
    assert composite(bench) == [(0, 10.0), (60, 16.0)]  # as if a transaction began now
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(30)
    (_first, second) = composite(bench)
    assert second[1] == 16.0
    assert 27 <= second[0] <= 31


@pytest.mark.req("K08.FR.05", "K08.FR.07")
@pytest.mark.parametrize(("evse_id", "duration", "unit"), [(9, 60, "A"), (1, -1, "A"), (1, 60, "W")])
def test_a_schedule_that_cannot_be_given_is_refused(version: str, evse_id: int, duration: int, unit: str) -> None:
    bench = Bench(version, evses=2, variables={"SmartChargingCtrlr.RateUnit": "A"}).boot()
    answer = ask_composite(bench, evse_id, duration, unit)
    assert answer["status"] == "Rejected"
    assert not {"schedule", "chargingSchedule"} & set(answer.payload)


# --- reports -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("K09.FR.01", "K09.FR.04", "K09.FR.05", "K09.FR.06")
@pytest.mark.parametrize(
    ("evse_id", "criteria", "found"),
    [
        (None, {"chargingProfileId": [1, 3, 9]}, [1, 3]),
        (None, {"chargingProfilePurpose": "TxDefaultProfile"}, [2, 3]),
        (None, {"stackLevel": 1}, [2]),
        (None, {"chargingLimitSource": ["CSO"]}, [1, 2, 3]),
        (None, {"chargingLimitSource": ["EMS", "SO"]}, []),
        (0, {"chargingLimitSource": ["CSO", "EMS"]}, [1, 2]),
        (1, {"chargingLimitSource": ["CSO"]}, [3]),
        (1, {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 2}, [3]),
        (1, {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}, []),
        (2, {"chargingProfilePurpose": "TxDefaultProfile"}, []),
        (9, {"stackLevel": 0}, []),
    ],
)
def test_a_report_tells_what_meets_all_that_is_named(
    version2: str, evse_id: int | None, criteria: dict[str, Any], found: list[int]
) -> None:
    assert ids(reported(three(version2), evse_id, **criteria)) == found


@pytest.mark.req("K09.FR.02")
def test_a_long_report_comes_in_parts(version2: str) -> None:
    bench = Bench(version2, evses=2).boot()
    wanted = [(level % 3, install(bench, level % 3, (0, 10.0), profile_id=level, level=level)) for level in range(14)]
    found = reported(bench, chargingLimitSource=["CSO"])
    assert sorted(found, key=lambda one: one[1]["id"]) == wanted
    assert len([r for r in bench.csms.log if r.action == "ReportChargingProfiles"]) >= 5


@pytest.mark.req("K09.FR.06")
def test_a_profile_is_reported_as_it_was_set(version2: str) -> None:
    bench = Bench(version2).boot()
    bench.plug_in()
    bench.tap()
    bench.run(3)
    full = [
        (
            0,
            install(bench, 0, (0, 5000.5), unit="W", purpose=MAX, profile_id=1, duration=60, valid_from=0, valid_to=99),
        ),
        (1, install(bench, 1, (0, 8.1), (60, 0.0), profile_id=2, kind="Recurring", recurrence="Weekly", phases=3)),
        (
            1,
            install(
                bench,
                1,
                (0, 10.0),
                profile_id=3,
                purpose="TxProfile",
                kind="Relative",
                transaction=transaction_of(bench),
                schedule={"id": 42, "minChargingRate": 6.5},
            ),
        ),
    ]
    assert reported(bench, chargingLimitSource=["CSO"]) == full


def test_two_reports_at_a_time_come_one_after_the_other(version2: str) -> None:
    bench = three(version2)
    answers = [
        bench.csms.call("GetChargingProfiles", requestId=number, chargingProfile={"stackLevel": number})
        for number in (1, 2)
    ]
    bench.run(3)
    assert [answer["status"] for answer in answers] == ["Accepted", "Accepted"]
    parts = bench.csms.of("ReportChargingProfiles")
    assert [(part["requestId"], part["chargingProfile"][0]["id"], part["tbc"]) for part in parts] == [
        (1, 2, False),
        (2, 3, False),
    ]


def test_a_report_is_given_up_with_the_connection(version2: str) -> None:
    bench = three(version2)
    bench.csms.call("GetChargingProfiles", requestId=1, chargingProfile={"chargingLimitSource": ["CSO"]})
    bench.run(0.015)
    bench.disconnect()
    bench.run(5)
    bench.connect()
    bench.run(5)
    assert ids(reported(bench, stackLevel=2)) == [3]


# --- clearing ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("K10.FR.01", "K10.FR.03", "K10.FR.04")
@pytest.mark.parametrize(
    ("fields", "status", "left"),
    [
        ({"profile_id": 2}, "Accepted", [1, 3]),
        ({"profile_id": 9}, "Unknown", [1, 2, 3]),
        ({"purpose": "TxDefaultProfile"}, "Accepted", [1]),
        ({"purpose": MAX}, "Accepted", [2, 3]),
        ({"purpose": "TxProfile"}, "Unknown", [1, 2, 3]),
        ({"level": 1}, "Accepted", [1, 3]),
        ({"level": 9}, "Unknown", [1, 2, 3]),
        ({"evse_id": 0}, "Accepted", [3]),
        ({"evse_id": 1}, "Accepted", [1, 2]),
        ({"evse_id": 2}, "Unknown", [1, 2, 3]),
        ({"evse_id": 9}, "Unknown", [1, 2, 3]),
        ({"evse_id": 0, "purpose": "TxDefaultProfile"}, "Accepted", [1, 3]),
        ({"evse_id": 1, "purpose": MAX}, "Unknown", [1, 2, 3]),
        ({"purpose": "TxDefaultProfile", "level": 2}, "Accepted", [1, 2]),
        ({}, "Accepted", []),
    ],
)
def test_what_meets_all_that_is_named_is_cleared(
    version: str, fields: dict[str, Any], status: str, left: list[int]
) -> None:
    bench = three(version)
    assert clear(bench, **fields) == status
    assert [one.id for one in bench.station.smart_charging.installed] == left
    assert sorted(int(key) for key, _raw in bench.store.items("charging_profile")) == left


@pytest.mark.req("K10.FR.03")
@pytest.mark.parametrize(("version", "status"), [("1.6", "Unknown"), ("2.0.1", "Accepted"), ("2.1", "Accepted")])
def test_an_id_counts_alone_only_in_2_x(version: str, status: str) -> None:
    """1.6 errata 3.25: all that is named must be met."""
    assert clear(three(version), profile_id=2, level=7) == status


def test_clearing_nothing_is_unknown(version: str) -> None:
    assert clear(Bench(version).boot()) == "Unknown"


@pytest.mark.req("K10.FR.08", "K10.FR.09")
def test_there_are_no_external_constraints_to_clear(version2: str) -> None:
    assert clear(three(version2), purpose="ChargingStationExternalConstraints") == "Unknown"


# --- what is not there -------------------------------------------------------------------------------------------------


def requests(bench: Bench) -> list[tuple[str, dict[str, Any]]]:
    found = profile(bench, (0, 10.0))
    if bench.version == "1.6":
        return [
            ("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": found}),
            ("ClearChargingProfile", {}),
            ("GetCompositeSchedule", {"connectorId": 1, "duration": 60}),
        ]
    return [
        ("SetChargingProfile", {"evseId": 1, "chargingProfile": found}),
        ("ClearChargingProfile", {}),
        ("GetCompositeSchedule", {"evseId": 1, "duration": 60}),
        ("GetChargingProfiles", {"requestId": 1, "chargingProfile": {"stackLevel": 0}}),
    ]


@pytest.mark.req("K01.FR.29")
def test_without_smart_charging_all_is_not_supported(version: str) -> None:
    bench = Bench(version, capabilities=Capabilities(smart_charging=False)).boot()
    for action, payload in requests(bench):
        answer = bench.call(action, payload)
        assert answer.error is not None
        assert answer.error[0] == "NotSupported"


def test_what_is_switched_off_limits_nothing_until_it_is_on_again(version2: str) -> None:
    bench = Bench(version2).boot()
    install(bench, 1, (0, 10.0))
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(3)
    for value, ampere in (("false", 32.0), ("true", 10.0)):
        data = {"component": {"name": "SmartChargingCtrlr"}, "variable": {"name": "Enabled"}, "attributeValue": value}
        assert (
            bench.call("SetVariables", setVariableData=[data])["setVariableResult"][0]["attributeStatus"] == "Accepted"
        )
        bench.run(3)
        assert bench.evse().drawn_ampere == ampere
        answer = offer(bench, 1, profile(bench, (0, 10.0)))
        assert (answer.error is None) is (value == "true")


@pytest.mark.parametrize(
    "action",
    [
        "NotifyAllowedEnergyTransfer",
        "PullDynamicScheduleUpdate",
        "UpdateDynamicSchedule",
        "UsePriorityCharging",
        "AFRRSignal",
    ],
)
def test_what_2_1_adds_is_not_supported(action: str) -> None:
    """Dynamic profiles, priority charging and the rest are not there, and not advertised."""
    bench = Bench("2.1").boot()
    answer = bench.csms.call_unchecked(Call("k-1", action, {}))
    bench.run(2)
    assert answer.error is not None
    for name in ("SupportedAdditionalPurposes", "SupportsDynamicProfiles", "SupportsLimitAtSoC"):
        query = {"component": {"name": "SmartChargingCtrlr"}, "variable": {"name": name}}
        (result,) = bench.call("GetVariables", getVariableData=[query])["getVariableResult"]
        assert result["attributeStatus"] == "UnknownVariable"


BAD = [
    ("SetChargingProfile", {}),
    ("SetChargingProfile", {"evseId": "1", "chargingProfile": {}}),
    ("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": {"chargingProfileId": 1}}),
    ("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": []}),
    ("ClearChargingProfile", {"id": "all"}),
    ("ClearChargingProfile", {"chargingProfileId": "all"}),
    ("ClearChargingProfile", {"chargingProfilePurpose": "Everything"}),
    ("GetCompositeSchedule", {"duration": 60}),
    ("GetCompositeSchedule", {"connectorId": 1, "evseId": 1, "duration": "60"}),
    ("GetCompositeSchedule", {"connectorId": 1, "evseId": 1, "duration": 60, "chargingRateUnit": "kW"}),
    ("GetChargingProfiles", {}),
    ("GetChargingProfiles", {"requestId": 1, "chargingProfile": {"chargingProfileId": []}}),
]


@pytest.mark.parametrize(("action", "payload"), BAD)
def test_a_broken_request_is_an_error_and_changes_nothing(version: str, action: str, payload: dict[str, Any]) -> None:
    bench = three(version)
    before = dict(bench.store.items("charging_profile"))
    answer = bench.csms.call_unchecked(Call("bad-1", action, payload))
    bench.run(2)
    assert answer.error is not None, answer
    assert answer.error[0] != "InternalError"
    assert dict(bench.store.items("charging_profile")) == before
