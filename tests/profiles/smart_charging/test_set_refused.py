"""What the CSMS may not set: each defect of a profile, the reason that is given, and that nothing changes."""

from typing import Any, NamedTuple

import pytest

from tests.support.bench import Bench
from tests.support.cars import long_range_car
from tests.support.charging_profiles import composite, ids, install, offer, profile, reported, transaction_of

ALL, TWO, LAST = ("1.6", "2.0.1", "2.1"), ("2.0.1", "2.1"), ("2.1",)
FLAT = ((0, 10.0),)
MAX = "ChargingStationMaxProfile"


class Case(NamedTuple):
    """A profile that is refused. evse_id: for which. limits, fields: see `charging_profiles.profile`; in 2.x with its reason code."""

    reason: str
    fields: dict[str, Any]
    limits: tuple[tuple[int, float], ...] = FLAT
    evse_id: int = 1
    versions: tuple[str, ...] = ALL


RUNNING = "the running transaction"
CASES = {
    "K01.FR.28 unknown EVSE": Case("UnknownEvse", {}, evse_id=9, versions=TWO),
    "K01.FR.22 external constraints": Case(
        "InvalidProfile", {"purpose": "ChargingStationExternalConstraints"}, evse_id=0, versions=TWO
    ),
    "K01.FR.120 priority charging": Case("UnsupportedPurpose", {"purpose": "PriorityCharging"}, versions=LAST),
    "K01.FR.120 local generation": Case("UnsupportedPurpose", {"purpose": "LocalGeneration"}, versions=LAST, evse_id=0),
    "K01.FR.121 dynamic": Case("UnsupportedKind", {"kind": "Dynamic"}, versions=LAST),
    "K01.FR.122 dynUpdateInterval": Case("InvalidProfile", {"dynUpdateInterval": 60}, versions=LAST),
    "K01.FR.122 dynUpdateTime": Case("InvalidProfile", {"dynUpdateTime": "2024-01-01T00:00:00Z"}, versions=LAST),
    "maxOfflineDuration below 0": Case("InvalidProfile", {"maxOfflineDuration": -1}, versions=LAST),
    "K01.FR.123 local time": Case("InvalidSchedule", {"schedule": {"useLocalTime": True}}, versions=LAST),
    "K01.FR.124 random delay": Case("InvalidSchedule", {"schedule": {"randomizedDelay": 10}}, versions=LAST),
    "K01.FR.125 limit at SoC": Case(
        "InvalidSchedule", {"schedule": {"limitAtSoC": {"soc": 80, "limit": 6.0}}}, versions=LAST
    ),
    "K01.FR.126 sleep": Case(
        "InvalidSchedule",
        {"schedule": {"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0, "evseSleep": True}]}},
        versions=LAST,
    ),
    "K01.FR.115 operation mode": Case(
        "InvalidOperationMode",
        {"schedule": {"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0, "operationMode": "Idle"}]}},
        versions=LAST,
    ),
    "K01.FR.144 a limit of its own for a phase": Case(
        "PhaseConflict",
        {"schedule": {"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0, "limit_L2": 6.0}]}},
        versions=LAST,
    ),
    "K01.FR.146 a limit for a phase alone": Case(
        "PhaseConflict",
        {"schedule": {"chargingSchedulePeriod": [{"startPeriod": 0, "limit_L3": 6.0}]}},
        versions=LAST,
    ),
    "setpoint": Case(
        "InvalidSchedule",
        {"schedule": {"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0, "setpoint": 6.0}]}},
        versions=LAST,
    ),
    "no limit": Case("InvalidSchedule", {"schedule": {"chargingSchedulePeriod": [{"startPeriod": 0}]}}, versions=LAST),
    "a tariff for the vehicle": Case(
        "InvalidSchedule",
        {
            "schedule": {
                "salesTariff": {
                    "id": 1,
                    "salesTariffEntry": [{"relativeTimeInterval": {"start": 0, "duration": 60}, "ePriceLevel": 1}],
                }
            }
        },
        versions=TWO,
    ),
    "stack level below 0": Case("InvalidStackLevel", {"level": -1}, versions=("1.6", "2.0.1")),
    "stack level beyond ProfileStackLevel": Case("InvalidStackLevel", {"level": 21}),
    "K01.FR.31 late first period": Case("InvalidSchedule", {}, limits=((10, 10.0),)),
    "K01.FR.35 out of order": Case("InvalidSchedule", {}, limits=((0, 10.0), (60, 8.0), (30, 6.0))),
    "two periods of one second": Case("InvalidSchedule", {}, limits=((0, 10.0), (30, 8.0), (30, 6.0))),
    "limit below 0": Case("InvalidSchedule", {}, limits=((0, -1.0),)),
    "more periods than PeriodsPerSchedule": Case(
        "TooManyElements", {}, limits=tuple((second, 10.0) for second in range(201))
    ),
    "duration below 0": Case("InvalidSchedule", {"duration": -1}),
    "numberPhases 0": Case("InvalidSchedule", {"phases": 0}),
    "numberPhases 4": Case("InvalidSchedule", {"phases": 4}, versions=("1.6", "2.0.1")),
    "minChargingRate below 0": Case("InvalidSchedule", {"schedule": {"minChargingRate": -1.0}}),
    "K01.FR.20 phase to use": Case(
        "InvalidSchedule",
        {
            "schedule": {
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 9.0, "numberPhases": 1, "phaseToUse": 2}]
            }
        },
        versions=TWO,
    ),
    "validTo before validFrom": Case("InvalidProfile", {"valid_from": 60, "valid_to": 60}),
    "K01.FR.40 absolute without start": Case("InvalidSchedule", {"start": None}, versions=TWO),
    "K01.FR.40 recurring without start": Case(
        "InvalidSchedule", {"kind": "Recurring", "recurrence": "Daily", "start": None}, versions=TWO
    ),
    "K01.FR.41 relative with start": Case("InvalidSchedule", {"kind": "Relative", "start": 0.0}),
    "K01.FR.60 recurring without recurrency": Case("InvalidProfile", {"kind": "Recurring"}),
    "K01.FR.60 recurrency without recurring": Case("InvalidProfile", {"recurrence": "Daily"}),
    "K01.FR.38 relative station limit": Case(
        "InvalidProfile", {"purpose": MAX, "kind": "Relative"}, evse_id=0, versions=TWO
    ),
    "K04.FR.03 station limit of an EVSE": Case("InvalidProfile", {"purpose": MAX}),
    "K01.FR.16 TxProfile of the station": Case(
        "InvalidProfile", {"purpose": "TxProfile", "transaction": RUNNING}, evse_id=0
    ),
    "K01.FR.09 TxProfile without transaction": Case(
        "TxNotFound", {"purpose": "TxProfile", "transaction": RUNNING}, evse_id=2
    ),
    "K01.FR.33 TxProfile of another transaction": Case(
        "TxNotFound", {"purpose": "TxProfile", "transaction": "unknown"}
    ),
    "K01.FR.03 TxProfile of no transaction": Case("MissingParam", {"purpose": "TxProfile"}, versions=TWO),
    "TxDefaultProfile of a transaction": Case("InvalidProfile", {"transaction": RUNNING}),
}
ROWS = [
    pytest.param(version, name, id=f"{version}-{name}") for name, case in CASES.items() for version in case.versions
]


def station(version: str) -> Bench:
    """A car charges at EVSE 1 of two; one profile is installed."""
    bench = Bench(version, evses=2).boot()
    bench.plug_in(car=long_range_car())
    bench.tap()
    bench.run(3)
    install(bench, 1, (0, 20.0), profile_id=77, level=7)
    bench.run(3)
    return bench


def state(bench: Bench) -> tuple[Any, ...]:
    """What must not change."""
    return (
        dict(bench.store.items("charging_profile")),
        bench.evse().drawn_ampere,
        bench.station.smart_charging.installed,
    )


@pytest.mark.req(
    "K01.FR.03",
    "K01.FR.09",
    "K01.FR.16",
    "K01.FR.20",
    "K01.FR.22",
    "K01.FR.28",
    "K01.FR.31",
    "K01.FR.33",
    "K01.FR.35",
    "K01.FR.38",
    "K01.FR.40",
    "K01.FR.41",
    "K01.FR.48",
    "K01.FR.60",
    "K01.FR.114",
    "K01.FR.115",
    "K01.FR.120",
    "K01.FR.121",
    "K01.FR.122",
    "K01.FR.123",
    "K01.FR.124",
    "K01.FR.125",
    "K01.FR.126",
    "K01.FR.144",
    "K01.FR.146",
    "K04.FR.03",
)
@pytest.mark.parametrize(("version", "name"), ROWS)
def test_a_profile_is_refused_and_nothing_changes(version: str, name: str) -> None:
    case, bench = CASES[name], station(version)
    fields = dict(case.fields)
    if fields.get("transaction") == RUNNING:
        fields["transaction"] = transaction_of(bench)
    elif fields.get("transaction") == "unknown":
        fields["transaction"] = 1 if version == "1.6" else "T-0"
    before = state(bench)
    answer = offer(bench, case.evse_id, profile(bench, *case.limits, profile_id=5, **fields))
    bench.run(3)
    assert answer["status"] == "Rejected", answer
    if version != "1.6":
        assert answer["statusInfo"]["reasonCode"] == case.reason, answer
        assert answer["statusInfo"]["additionalInfo"]
    assert state(bench) == before
    assert [d["message"] for n, d in bench.events if n == "charging_profile_refused"]


def test_an_unknown_connector_is_an_error_in_1_6() -> None:
    """1.6 errata 3.39."""
    bench = station("1.6")
    answer = offer(bench, 9, profile(bench, (0, 10.0)))
    assert answer.error is not None
    assert answer.error[0] == "PropertyConstraintViolation"


@pytest.mark.parametrize("field", ["validFrom", "validTo"])
def test_a_time_that_is_none_is_an_error(version: str, field: str) -> None:
    bench = station(version)
    before = state(bench)
    answer = offer(bench, 1, {**profile(bench, (0, 10.0)), field: "yesterday"})
    assert answer.error is not None
    assert state(bench) == before


@pytest.mark.req("K01.FR.34")
def test_a_profile_has_one_schedule(version2: str) -> None:
    bench = station(version2)
    found = profile(bench, (0, 10.0))
    found["chargingSchedule"] *= 2
    answer = offer(bench, 1, found)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidSchedule")


@pytest.mark.req("K01.FR.43")
@pytest.mark.parametrize(
    ("switches", "phases", "status"), [(False, 1, "Rejected"), (False, 3, "Accepted"), (True, 1, "Accepted")]
)
def test_fewer_phases_only_where_that_can_be_ensured(version: str, switches: bool, phases: int, status: str) -> None:
    bench = Bench(version, board={"switches_phases": switches}).boot()
    assert offer(bench, 1, profile(bench, (0, 10.0), phases=phases))["status"] == status
    assert offer(bench, 0, profile(bench, (0, 10.0), phases=phases, profile_id=2, level=1))["status"] == status


@pytest.mark.req("K01.FR.44")
def test_phases_of_a_dc_evse_are_nothing_to_choose(version: str) -> None:
    bench = Bench(version).boot()
    bench.station.evses[0].supply = "DC"
    answer = offer(bench, 1, profile(bench, (0, 10.0), phases=1))
    if version == "2.1":
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "NoPhaseForDC")
    else:
        assert answer["status"] == "Accepted"
        assert composite(bench) == [(0, 10.0)]


@pytest.mark.req("K01.FR.26", "K08.FR.07")
def test_a_unit_that_is_not_configured_is_refused(version: str) -> None:
    bench = Bench(version, variables={"SmartChargingCtrlr.RateUnit": "A"}).boot()
    answer = offer(bench, 1, profile(bench, (0, 6000.0), unit="W"))
    assert answer["status"] == "Rejected"
    if version == "1.6":
        (key,) = bench.call("GetConfiguration", key=["ChargingScheduleAllowedChargingRateUnit"])["configurationKey"]
        assert key["value"] == "Current"
    else:
        assert answer["statusInfo"]["reasonCode"] == "UnsupportedRateUnit"


# --- beside others -----------------------------------------------------------------------------------------------------


@pytest.mark.req("K01.FR.05")
def test_a_profile_replaces_the_one_of_its_id(version: str) -> None:
    """Wherever that is, and whatever for."""
    bench = station(version)
    install(bench, 1, (0, 10.0), profile_id=5, level=8)
    install(bench, 0, (0, 16.0), profile_id=5, purpose=MAX)
    bench.run(10)
    assert bench.evse().drawn_ampere == 16.0
    assert sorted(profile.id for profile in bench.station.smart_charging.installed) == [5, 77]
    assert len(list(bench.store.items("charging_profile"))) == 2


def test_in_1_6_a_profile_replaces_the_one_of_its_level_and_purpose() -> None:
    """1.6 §5.16.3, §3.13.2."""
    bench = station("1.6")
    install(bench, 1, (0, 10.0), profile_id=5, level=7)
    bench.run(3)
    assert bench.evse().drawn_ampere == 10.0
    assert [profile.id for profile in bench.station.smart_charging.installed] == [5]
    assert [key for key, _raw in bench.store.items("charging_profile")] == ["5"]


def test_in_1_6_the_default_of_a_connector_stands_beside_that_of_all() -> None:
    """1.6 §3.13.1: it counts for that connector only."""
    bench = station("1.6")
    install(bench, 0, (0, 16.0), profile_id=5, level=7)
    assert composite(bench, 1) == [(0, 20.0)]
    assert composite(bench, 2) == [(0, 16.0)]


DUPLICATES = {
    "K01.FR.06 same level, purpose and EVSE": (1, {}, 1, {}, "Rejected"),
    "K01.FR.06 validity apart": (1, {"valid_to": 60}, 1, {"valid_from": 60}, "Accepted"),
    "K01.FR.06 validity overlapping": (1, {"valid_to": 61}, 1, {"valid_from": 60}, "Rejected"),
    "K01.FR.15 another EVSE": (1, {}, 2, {}, "Accepted"),
    "another level": (1, {}, 1, {"level": 1}, "Accepted"),
    "another purpose": (0, {}, 0, {"purpose": MAX}, "Accepted"),
    "K01.FR.52 all beside one": (1, {}, 0, {}, "Rejected"),
    "K01.FR.53 one beside all": (0, {}, 1, {}, "Rejected"),
    "K01.FR.14 all beside one, another level": (1, {}, 0, {"level": 1}, "Accepted"),
}


@pytest.mark.req("K01.FR.06", "K01.FR.14", "K01.FR.15", "K01.FR.52", "K01.FR.53")
@pytest.mark.parametrize("name", DUPLICATES)
def test_in_2_x_a_profile_is_refused_beside_its_like(version2: str, name: str) -> None:
    evse_id, fields, other_id, other, status = DUPLICATES[name]
    bench = Bench(version2, evses=2).boot()
    install(bench, evse_id, (0, 10.0), profile_id=1, **fields)
    answer = offer(bench, other_id, profile(bench, (0, 8.0), profile_id=2, **other))
    assert answer["status"] == status
    if status == "Rejected":
        assert answer["statusInfo"]["reasonCode"] == "DuplicateProfile"
    assert ids(reported(bench, chargingProfileId=[1, 2])) == ([1] if status == "Rejected" else [1, 2])


@pytest.mark.req("K01.FR.39")
def test_a_transaction_has_one_profile_of_a_level(version2: str) -> None:
    bench = station(version2)
    running = {"purpose": "TxProfile", "transaction": transaction_of(bench)}
    install(bench, 1, (0, 10.0), profile_id=1, **running)
    answer = offer(bench, 1, profile(bench, (0, 8.0), profile_id=2, **running))
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "DuplicateProfile")
    install(bench, 1, (0, 8.0), profile_id=2, level=1, **running)


def test_no_more_profiles_than_there_is_room_for(version: str) -> None:
    bench = Bench(version, variables={"MaxChargingProfilesInstalled": 2}).boot()
    for number in (1, 2):
        install(bench, 1, (0, 10.0), profile_id=number, level=number)
    answer = offer(bench, 1, profile(bench, (0, 10.0), profile_id=3, level=3))
    assert answer["status"] == "Rejected"
    install(bench, 1, (0, 8.0), profile_id=2, level=2)  # what takes a place needs no new one
    if version == "1.6":
        install(bench, 1, (0, 8.0), profile_id=4, level=1)
    else:
        query = {
            "component": {"name": "SmartChargingCtrlr"},
            "variable": {"name": "Entries", "instance": "ChargingProfiles"},
        }
        (result,) = bench.call("GetVariables", getVariableData=[query])["getVariableResult"]
        assert result["attributeValue"] == "2"
