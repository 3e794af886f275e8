"""The effects of what says how the station keeps in touch."""

import base64
import itertools
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ocpp.exceptions import InternalError

from chargepoint.link.link import LinkState
from chargepoint.link.settings import TlsSettings
from tests.certificates import Authority
from tests.profiles.effects.effect import Effect, booted, count
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER
from tests.support.network import NEW, OLD, NetworkBench

OWN_PASSWORD, OTHER_PASSWORD = "a password of the slot 0", "one more password of it"


def linked(**options: Any) -> Callable[[str], NetworkBench]:
    """Makes stations that have connected by themselves."""

    def make(version: str) -> NetworkBench:
        bench = NetworkBench(version, **options)
        bench.boot()
        return bench

    return make


def _linked(bench: Bench) -> NetworkBench:
    assert isinstance(bench, NetworkBench)
    return bench


# --- signs of life, outages ------------------------------------------------------------------------------------------------


def silence_noticed_second(bench: Bench) -> float | None:
    """How long it takes until a network that has fallen silent is noticed."""
    bench = _linked(bench)
    began = bench.time.now
    bench.network.fall_silent()
    for _ in range(300):
        bench.run(1)
        if bench.link.state is not LinkState.OPEN:
            return round(bench.time.now - began)
    return None


def statuses_after_an_outage(bench: Bench) -> int:
    """How many statuses are told after half a minute without a connection, in which nothing has changed."""
    bench.disconnect()
    bench.run(30)
    bench.connect()
    bench.run(5)
    return len(bench.csms.of("StatusNotification"))


def statuses_of_an_outage(bench: Bench) -> int:
    """How many statuses are told after an outage in which a car has come and gone."""
    bench.disconnect()
    bench.plug_in()
    bench.run(5)
    bench.unplug()
    bench.run(5)
    bench.connect()
    bench.run(5)
    return len(bench.csms.of("StatusNotification"))


def waits(bench: Bench) -> list[float]:
    """The waits before the first four attempts after a loss, where none succeeds."""
    bench = _linked(bench)
    random.seed(4)
    bench.attempts.clear()
    bench.sites[OLD].refusing = None
    lost = bench.time.now
    bench.sites[OLD].hang_up()
    bench.run(900)
    times = [lost, *(attempt.at for attempt in bench.attempts[:4])]
    return [round(later - earlier) for earlier, later in itertools.pairwise(times)]


def is_spread(bench: Bench) -> bool:
    """Whether the waits have a random part."""
    return waits(bench) != [5, 10, 20, 40]


# --- network profiles --------------------------------------------------------------------------------------------------------


def host_after_a_restart(bench: Bench) -> str | None:
    """Where the station connects after a reset."""
    assert bench.call("Reset", type="OnIdle")["status"] == "Accepted"
    new = _linked(bench.restarted())
    new.connect()
    return new.connected_to


def attempts_before_the_next_slot(bench: Bench) -> int:
    """How often the CSMS that is gone is tried."""
    bench = _linked(bench)
    bench.attempts.clear()
    bench.sites[OLD].refusing = None
    bench.sites[OLD].hang_up()
    bench.run(600)
    return bench.hosts().index(NEW)


TWO_SLOTS: dict[str, object] = {
    "NetworkConfiguration[1].OcppCsmsUrl": f"ws://{NEW}/ocpp",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": 0,
}


def with_a_free_slot(slot: int) -> Callable[[str], NetworkBench]:
    """A station that is connected by another slot; the slot under test leads to the new CSMS and is not in use."""
    own, in_use = f"NetworkConfiguration[{slot}]", 1 if slot == 0 else 0
    other = f"NetworkConfiguration[{in_use}]"
    return linked(
        variables={
            f"{own}.OcppCsmsUrl": f"ws://{NEW}/ocpp",
            f"{own}.BasicAuthPassword": OWN_PASSWORD,
            f"{other}.OcppCsmsUrl": f"ws://{OLD}/ocpp",
            "OCPPCommCtrlr.NetworkConfigurationPriority": str(in_use),
        }
    )


def migrated(bench: Bench, slot: int) -> NetworkBench:
    """The slot is put first, and the station has restarted."""
    data = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "NetworkConfigurationPriority"},
        "attributeValue": str(slot),
    }
    (result,) = bench.call("SetVariables", setVariableData=[data])["setVariableResult"]
    assert result["attributeStatus"] == "Accepted", result
    assert bench.call("Reset", type="OnIdle")["status"] == "Accepted"
    new = _linked(bench.restarted())
    new.connect()
    assert new.connected_to == NEW
    return new


def path_of(slot: int) -> Callable[[Bench], object]:
    return lambda bench: migrated(bench, slot).attempts[-1].caller.path


def header_of(slot: int) -> Callable[[Bench], object]:
    def observe(bench: Bench) -> str | None:
        header = migrated(bench, slot).attempts[-1].caller.authorization
        return None if header is None else base64.b64decode(header.removeprefix("Basic ")).decode()

    return observe


def patience_of(slot: int) -> Callable[[Bench], object]:
    """How long the CSMS may take to say something of a token."""

    def observe(bench: Bench) -> int:
        new = migrated(bench, slot)
        new.run(1)
        new.csms.handlers["Authorize"] = lambda _csms, _payload: NO_ANSWER
        new.tap()
        began = new.time.now
        while not [name for name, _details in new.events if name == "authorize_failed"]:
            new.run(0.1)
        return round(new.time.now - began)

    return observe


def told_back(slot: int, variable: str) -> Callable[[Bench], object]:
    """What is read of it after the station has connected by it."""

    def observe(bench: Bench) -> object:
        new = migrated(bench, slot)
        data = {
            "component": {"name": "NetworkConfiguration", "instance": str(slot)},
            "variable": {"name": variable},
        }
        return new.call("GetVariables", getVariableData=[data])["getVariableResult"][0]["attributeValue"]

    return observe


def of_slot(slot: int) -> dict[str, Effect]:
    """The effects of the variables of a slot."""
    make, own = with_a_free_slot(slot), f"NetworkConfiguration[{slot}]"
    preference = "a preference: another interface may be used (2.1 part 2 §2.71)"
    return {
        f"{own}.OcppCsmsUrl": Effect(path_of(slot), {f"ws://{NEW}/a": "/a/CP-1", f"ws://{NEW}:80/b/": "/b/CP-1"}, make),
        f"{own}.OcppInterface": Effect(
            told_back(slot, "OcppInterface"), {"Wired0": "Wired0", "Any": "Any"}, make, told_only=preference
        ),
        f"{own}.OcppTransport": Effect(
            told_back(slot, "OcppTransport"), {"JSON": "JSON"}, make, told_only="the only one of OCPP 2.x"
        ),
        f"{own}.OcppVersion": Effect(
            told_back(slot, "OcppVersion"),
            {"OCPP20": "OCPP20", "OCPP16": "OCPP16"},
            make,
            told_only="ignored: it is agreed on when connecting (2.1 part 2 §2.71)",
        ),
        f"{own}.MessageTimeout": Effect(patience_of(slot), {"5": 5, "9": 9}, make),
        f"{own}.SecurityProfile": Effect(header_of(slot), {"0": None, "1": f"CP-1:{OWN_PASSWORD}"}, make),
        f"{own}.Identity": Effect(path_of(slot), {"CP-A": "/ocpp/CP-A", "CP-B": "/ocpp/CP-B"}, make),
        f"{own}.BasicAuthPassword": Effect(
            header_of(slot),
            {OTHER_PASSWORD: f"CP-1:{OTHER_PASSWORD}", "y" * 16: f"CP-1:{'y' * 16}"},
            _with_password(slot),
        ),
    }


def _with_password(slot: int) -> Callable[[str], NetworkBench]:
    def make(version: str) -> NetworkBench:
        in_use = 1 if slot == 0 else 0
        bench = NetworkBench(
            version,
            variables={
                f"NetworkConfiguration[{slot}].OcppCsmsUrl": f"ws://{NEW}/ocpp",
                f"NetworkConfiguration[{slot}].SecurityProfile": 1,
                f"NetworkConfiguration[{in_use}].OcppCsmsUrl": f"ws://{OLD}/ocpp",
                "OCPPCommCtrlr.NetworkConfigurationPriority": str(in_use),
            },
        )
        bench.boot()
        return bench

    return make


# --- security ----------------------------------------------------------------------------------------------------------------


def password_in_use(bench: Bench) -> str:
    """The password of the newest connection."""
    bench = _linked(bench)
    bench.run(10)
    header = bench.attempts[-1].caller.authorization
    assert header is not None
    return base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")[2]


def security_profile_3(version: str) -> NetworkBench:
    """A station that is connected with a certificate of its own."""
    folder = Path(tempfile.mkdtemp())
    authority = Authority()
    certificate, key = authority.issue("CP-1").write(folder, "station")
    files = TlsSettings(ca_file=authority.write(folder), certificate_file=certificate, key_file=key)
    return linked(security_profile=3, tls=files)(version)


def downgrade(bench: Bench) -> str:
    """What becomes of a network profile with security profile 2."""
    data = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": f"wss://{NEW}/ocpp",
        "messageTimeout": 20,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
    }
    return str(bench.call("SetNetworkProfile", configurationSlot=1, connectionData=data)["status"])


# --- delivery, resets, the clock ---------------------------------------------------------------------------------------------


def sendings(bench: Bench) -> list[float]:
    """When a message is sent that the CSMS cannot process: seconds after the first."""
    action = "StartTransaction" if bench.version == "1.6" else "TransactionEvent"
    bench.csms.handlers[action] = lambda _csms, _payload: InternalError()
    bench.plug_in()
    bench.tap()
    bench.run(1200)
    first = bench.csms.of(action)[0]
    same = [request.at for request in bench.csms.of(action) if request.payload == first.payload]
    return [round(at - first.at) for at in same]


def restarts(bench: Bench) -> int:
    """How often a restart is tried that does not happen."""
    kind = "Hard" if bench.version == "1.6" else "Immediate"
    assert bench.call("Reset", type=kind)["status"] == "Accepted"
    bench.run(600)
    return len(bench.restarts)


def csms_with_another_time(version: str) -> Bench:
    """The CSMS's clock is a day ahead of the machine's."""
    bench = Bench(version)
    bench.csms.wall = lambda: bench.wall() + 86_400.0
    return bench.boot()


def hours_ahead(bench: Bench) -> int:
    """How far the station's clock is ahead of the machine's."""
    bench.run(400)
    return round((bench.clock.wall() - bench.wall()) / 3600)


def corrections_told(bench: Bench) -> int:
    """How many security events a correction of 30 s makes."""
    wall = bench.csms.wall
    bench.csms.wall = lambda: wall() + 30.0
    bench.run(400)
    return len([r for r in bench.csms.of("SecurityEventNotification") if r["type"] == "SettingSystemTime"])


EFFECTS: dict[str, Effect] = {
    "OCPPCommCtrlr.HeartbeatInterval": Effect(
        lambda bench: count(bench, "Heartbeat", second=101), {"20": 5, "50": 2}, booted()
    ),
    "OCPPCommCtrlr.WebSocketPingInterval": Effect(silence_noticed_second, {"10": 30, "60": 80, "0": None}, linked()),
    "OCPPCommCtrlr.OfflineThreshold": Effect(statuses_after_an_outage, {"10": 1, "100": 0}, booted()),
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": Effect(
        waits, {"0": [5, 5, 5, 5], "1": [5, 10, 10, 10], "3": [5, 10, 20, 40]}, linked()
    ),
    "OCPPCommCtrlr.RetryBackOffRandomRange": Effect(is_spread, {"0": False, "30": True}, linked()),
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": Effect(waits, {"3": [3, 6, 12, 24], "9": [9, 18, 36, 72]}, linked()),
    "OCPPCommCtrlr.NetworkConfigurationPriority": Effect(
        host_after_a_restart, {"0,1": OLD, "1,0": NEW}, linked(variables=TWO_SLOTS)
    ),
    "OCPPCommCtrlr.NetworkProfileConnectionAttempts": Effect(
        attempts_before_the_next_slot,
        {"1": 1, "4": 4},
        linked(variables={**TWO_SLOTS, "OCPPCommCtrlr.NetworkConfigurationPriority": "0,1"}),
    ),
    "OCPPCommCtrlr.ResetRetries": Effect(restarts, {"0": 1, "2": 3}, booted()),
    "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": Effect(
        lambda bench: len(sendings(bench)), {"1": 1, "3": 3}, booted(variables={"TransactionMessageRetryInterval": 10})
    ),
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": Effect(
        sendings,
        {"10": [0, 10, 30], "40": [0, 40, 120]},
        booted(variables={"TransactionMessageAttempts": 3}),
    ),
    "OCPPCommCtrlr.QueueAllMessages": Effect(
        statuses_of_an_outage, {"false": 0, "true": 2}, booted(variables={"OCPPCommCtrlr.OfflineThreshold": 600})
    ),
    "ClockCtrlr.TimeSource": Effect(
        hours_ahead,
        {"Heartbeat": 24, "RealTimeClock": 0, "Heartbeat,RealTimeClock": 24, "RealTimeClock,Heartbeat": 0},
        csms_with_another_time,
    ),
    "ClockCtrlr.TimeAdjustmentReportingThreshold": Effect(corrections_told, {"20": 1, "60": 0}, booted()),
    "SecurityCtrlr.BasicAuthPassword": Effect(
        password_in_use,
        {OTHER_PASSWORD: OTHER_PASSWORD, "z" * 16: "z" * 16},
        linked(security_profile=1),
    ),
    "SecurityCtrlr.AllowSecurityProfileDowngrade": Effect(
        downgrade, {"false": "Rejected", "true": "Accepted"}, security_profile_3
    ),
    **of_slot(0),
    **of_slot(1),
    **of_slot(2),
    **of_slot(3),
}
