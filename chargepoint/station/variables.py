"""The device model: shared definitions, and what one station has changed of them.

A `Variable` is declared once, by the functional block that obeys it, with its 2.x component and name and its 1.6 key, so that 1.6
GetConfiguration and 2.x GetVariables are two views of one value. Definitions are shared by all stations of a process; a station keeps
only what differs from the default. This module is the front door; the rooms are in `device_model/`.
"""

from chargepoint.station.device_model.catalogue import Catalogue
from chargepoint.station.device_model.definition import (
    Attribute,
    DataType,
    InvalidValue,
    Mutability,
    RefusalReason,
    Scope,
    Syntax,
    Variable,
)
from chargepoint.station.device_model.factory import apply_factory, factory_values
from chargepoint.station.device_model.keys16 import parse_key, read_key
from chargepoint.station.device_model.text import decode_value, encode_value, split_list
from chargepoint.station.device_model.values import Address, Guard, Variables, Watcher

__all__ = [
    "Address",
    "Attribute",
    "Catalogue",
    "DataType",
    "Guard",
    "InvalidValue",
    "Mutability",
    "RefusalReason",
    "Scope",
    "Syntax",
    "Variable",
    "Variables",
    "Watcher",
    "apply_factory",
    "decode_value",
    "encode_value",
    "factory_values",
    "parse_key",
    "read_key",
    "split_list",
]
