"""The [variables] table: factory values by 1.6 key or by 2.x component and variable, checked against a device model.

    HeartbeatInterval = 300                              1.6 key
    "SampledDataCtrlr.TxUpdatedInterval" = 30            Component.Variable
    "EVSE.Power@1" = 11000                               of EVSE 1; @1.2 = of its connector 2
    "OCPPCommCtrlr.MessageTimeout[Default]" = 30         instances stand in brackets, also the component's

What the names and values mean is decided by `chargepoint.station.device_model.factory`, which a running station uses too.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

from chargepoint.config.problem import Place
from chargepoint.config.schema import Evse, VariableValue
from chargepoint.station.device_model.catalogue import Catalogue
from chargepoint.station.device_model.factory import factory_values as values_of
from chargepoint.station.device_model.values import Address, Variables
from chargepoint.station.ports import Store

Finding = tuple[Place, str]


class _Connector(NamedTuple):
    id: int
    number: int


class _Evse(NamedTuple):
    id: int
    connectors: tuple[_Connector, ...]


class _Shape(NamedTuple):
    """As much of a station as the device model asks for: which EVSEs and connectors there are."""

    evses: tuple[_Evse, ...]

    def services(self) -> tuple[()]:
        """Nobody who watches or guards a value."""
        return ()


def factory_values(
    table: Mapping[str, VariableValue], catalogue: Catalogue, evses: Iterable[Evse]
) -> tuple[dict[Address, Any], list[Finding]]:
    """The typed factory values for `Variables.set_factory`, and what is wrong with the table."""
    if not table:
        return {}, []
    variables = Variables(
        catalogue, cast("Store", None), _shape(evses)
    )  # what the file says is not looked up in a store
    values: dict[Address, Any] = {}
    findings: list[Finding] = []
    for name, value in table.items():
        meant, sentences = values_of(variables, {name: value})
        values.update(meant)
        findings.extend((("variables", name), f"variables: {sentence}") for sentence in sentences)
    return values, findings


def _shape(evses: Iterable[Evse]) -> _Shape:
    number = 0
    shaped = []
    for evse_id, evse in enumerate(evses, 1):
        count = len(evse.connectors)
        shaped.append(_Evse(evse_id, tuple(_Connector(n, number + n) for n in range(1, count + 1))))
        number += count
    return _Shape(tuple(shaped))
