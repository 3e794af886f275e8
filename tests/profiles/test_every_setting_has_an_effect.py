"""Whatever the CSMS can set changes what the station does: every variable that can be written, in 2.x, and every 1.6 key.

Trap (flowion's audit): "30 of 49 writable defaults were decorative". Who declares a variable adds its effect to `effects/`.
"""

from typing import Any

import pytest

from chargepoint.station.variables import Mutability, Variable
from profiles.catalogue import Capabilities, station_catalogue
from tests.profiles.effects import authorization, communication, metering, smart_charging, transactions
from tests.profiles.effects.effect import ALL, Effect
from tests.support.bench import Bench

CATALOGUE = station_catalogue(Capabilities(signed_values=True))
EFFECTS: dict[str, Effect] = {
    **communication.EFFECTS,
    **authorization.EFFECTS,
    **transactions.EFFECTS,
    **metering.EFFECTS,
    **smart_charging.EFFECTS,
}


def settable(variable: Variable[Any], version: str) -> bool:
    """Whether the CSMS can write a variable in that version."""
    form = CATALOGUE.form(variable)
    if version == "1.6":
        return bool(variable.key16) and form.mutability16 is not Mutability.READ_ONLY
    return bool(variable.component) and form.mutability is not Mutability.READ_ONLY


WALK = [(version, v.path) for version in ALL for v in CATALOGUE.variables if settable(v, version)]


def set_value(bench: Bench, path: str, value: str, where: dict[str, Any] | None) -> None:
    """The CSMS sets a value, and it is taken."""
    variable = CATALOGUE.by_path(path)
    assert variable is not None
    if bench.version == "1.6":
        status = bench.call("ChangeConfiguration", key=variable.key16, value=value)["status"]
    else:
        component: dict[str, Any] = {"name": variable.component, **({"evse": where} if where else {})}
        if variable.component_instance:
            component["instance"] = variable.component_instance
        own = {"name": variable.name, **({"instance": variable.instance} if variable.instance else {})}
        data = {"component": component, "variable": own, "attributeValue": value}
        (result,) = bench.call("SetVariables", setVariableData=[data])["setVariableResult"]
        status = result["attributeStatus"]
        assert status == "Accepted", result
    assert status == "Accepted"


@pytest.mark.parametrize(("version", "path"), WALK, ids=[f"{version}-{path}" for version, path in WALK])
@pytest.mark.req("B05.FR.10")
def test_every_setting_has_an_effect(version: str, path: str) -> None:
    effect = EFFECTS.get(path)
    assert effect is not None, f"nobody has said what {path} changes"
    expected = effect.values(version)
    seen = {}
    for value in expected:
        bench = effect.make(version)
        set_value(bench, path, value, effect.where)
        seen[value] = effect.observe(bench)
    assert seen == expected
    assert effect.told_only or len({repr(one) for one in seen.values()}) > 1, "no value makes a difference"


def test_no_effect_is_told_of_what_is_not_there() -> None:
    assert set(EFFECTS) <= {path for _version, path in WALK}
