"""The effects of smart charging's settings."""

from tests.profiles.effects.effect import Effect, booted, charge
from tests.support.bench import Bench
from tests.support.charging_profiles import install


def limited(version: str) -> Bench:
    """A station with a profile of 10 A."""
    bench = Bench(version).boot()
    install(bench, 1, (0, 10.0))
    return bench


def ampere(bench: Bench) -> float:
    """What a car draws at a station with a profile."""
    charge(bench)
    return bench.evse().drawn_ampere


def told_of_a_fifth(bench: Bench) -> int:
    """How many times it is told that a rate falls by 20 %."""
    charge(bench)
    install(bench, 1, (0, 25.6))
    bench.run(2)
    return sum(r["triggerReason"] == "ChargingRateChanged" for r in bench.csms.of("TransactionEvent"))


EFFECTS: dict[str, Effect] = {
    "SmartChargingCtrlr.Enabled": Effect(ampere, {"true": 10.0, "false": 16.0}, limited),
    "SmartChargingCtrlr.LimitChangeSignificance": Effect(told_of_a_fifth, {"19": 1, "21": 0}, booted()),
}
