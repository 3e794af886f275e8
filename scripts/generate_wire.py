#!/usr/bin/env python
"""Write chargepoint/wire/v16.py, v201.py and v21.py from the JSON schemas that the `ocpp` package ships.

    scripts/generate_wire.py            write the modules
    scripts/generate_wire.py --check    write nothing; fail if a module is not what the schemas say

Every keyword of a schema is either turned into a type or known to carry no constraint; any other stops the script.
"""

from __future__ import annotations

import json
import keyword
import re
import sys
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

WIRE = Path(__file__).resolve().parent.parent / "chargepoint" / "wire"
VERSIONS = {"v16": "1.6", "v201": "2.0.1", "v21": "2.1"}

# Keywords without effect on what is accepted. `additionalProperties` on a string and `additionalItems` beside a single
# item schema mean nothing in JSON schema; `format` and `default` are annotations.
ANNOTATIONS = {
    *("$schema", "$id", "id", "title", "comment", "description", "javaType", "default", "definitions"),
    *("format", "additionalItems"),
}
CONSTRAINTS = {
    None: set(),
    "string": {"type", "enum", "maxLength", "additionalProperties"},
    "integer": {"type", "minimum", "maximum"},
    "number": {"type", "minimum", "maximum", "multipleOf"},
    "boolean": {"type"},
    "array": {"type", "items", "minItems", "maxItems"},
    "object": {"type", "properties", "required", "additionalProperties"},
}

# Where splitting at capitals would tear an abbreviation apart.
ABBREVIATIONS = {"V2X": "V2x", "SoC": "Soc", "soC": "soc", "soH": "soh", "EMAIDs": "Emaids"}

# The schemas of 1.6 leave nested types anonymous; these are the names that the specification gives them (OCPP 1.6 §7).
# The schema of StopTransaction allows other values than that of MeterValues, so its types are its own.
RECORDS_16 = {
    "idTagInfo": "IdTagInfo",
    "chargingProfile": "ChargingProfile",
    "csChargingProfiles": "ChargingProfile",
    "chargingSchedule": "ChargingSchedule",
    "chargingSchedulePeriod": "ChargingSchedulePeriod",
    "configurationKey": "KeyValue",
    "localAuthorizationList": "AuthorizationData",
    "meterValue": "MeterValue",
    "sampledValue": "SampledValue",
    "transactionData": "TransactionMeterValue",
    "TransactionMeterValue.sampledValue": "TransactionSampledValue",
}
ENUMS_16 = {
    "IdTagInfo.status": "AuthorizationStatus",
    "BootNotificationResponse.status": "RegistrationStatus",
    "CancelReservationResponse.status": "CancelReservationStatus",
    "ChangeAvailabilityRequest.type": "AvailabilityType",
    "ChangeAvailabilityResponse.status": "AvailabilityStatus",
    "ChangeConfigurationResponse.status": "ConfigurationStatus",
    "ClearCacheResponse.status": "ClearCacheStatus",
    "ClearChargingProfileResponse.status": "ClearChargingProfileStatus",
    "DataTransferResponse.status": "DataTransferStatus",
    "DiagnosticsStatusNotificationRequest.status": "DiagnosticsStatus",
    "FirmwareStatusNotificationRequest.status": "FirmwareStatus",
    "GetCompositeScheduleResponse.status": "GetCompositeScheduleStatus",
    "RemoteStartTransactionResponse.status": "RemoteStartStopStatus",
    "RemoteStopTransactionResponse.status": "RemoteStartStopStatus",
    "ReserveNowResponse.status": "ReservationStatus",
    "ResetRequest.type": "ResetType",
    "ResetResponse.status": "ResetStatus",
    "SendLocalListResponse.status": "UpdateStatus",
    "SetChargingProfileResponse.status": "ChargingProfileStatus",
    "StatusNotificationRequest.errorCode": "ChargePointErrorCode",
    "StatusNotificationRequest.status": "ChargePointStatus",
    "StopTransactionRequest.reason": "Reason",
    "TriggerMessageRequest.requestedMessage": "MessageTrigger",
    "TriggerMessageResponse.status": "TriggerMessageStatus",
    "UnlockConnectorResponse.status": "UnlockStatus",
    "TransactionSampledValue.unit": "TransactionUnitOfMeasure",
    "chargingProfileKind": "ChargingProfileKindType",
    "chargingProfilePurpose": "ChargingProfilePurposeType",
    "chargingRateUnit": "ChargingRateUnitType",
    "context": "ReadingContext",
    "format": "ValueFormat",
    "location": "Location",
    "measurand": "Measurand",
    "phase": "Phase",
    "recurrencyKind": "RecurrencyKindType",
    "unit": "UnitOfMeasure",
    "updateType": "UpdateType",
}
# Enums of the security whitepaper whose plain name the core of 1.6 already has, with other values.
DEFINITIONS_16 = {"FirmwareStatusEnumType": "SignedFirmwareStatus", "MessageTriggerEnumType": "ExtendedMessageTrigger"}


@dataclass(frozen=True)
class FieldDefinition:
    wire: str
    annotation: str
    required: bool
    tenth: bool

    @property
    def name(self) -> str:
        return snake_case(self.wire)


@dataclass
class Module:
    """One version's types, collected from all its schemas; the same name must always mean the same type."""

    version: str
    record_names: frozenset[str]
    aliases: dict[str, str] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    datatypes: dict[str, tuple[FieldDefinition, ...]] = field(default_factory=dict)
    messages: dict[str, tuple[FieldDefinition, ...]] = field(default_factory=dict)
    calls: set[str] = field(default_factory=set)
    sends: set[str] = field(default_factory=set)

    def add_schema(self, stem: str, schema: dict[str, Any]) -> None:
        name = self._message_name(stem)
        names = self._definition_names(schema.get("definitions", {}))
        for title, definition in schema.get("definitions", {}).items():
            if title == "CustomDataType":
                self._check_custom_data(definition)
            elif "enum" in definition:
                self._add_enum(names[title], definition)
            else:
                self._define(self.datatypes, names[title], self._fields(names[title], definition, names))
        self._define(self.messages, name, self._fields(name, schema, names))

    def _message_name(self, stem: str) -> str:
        if stem.endswith("Response"):
            return stem
        if stem.endswith("Request"):
            self.calls.add(stem.removesuffix("Request"))
            return stem
        if self.version == "1.6":
            self.calls.add(stem)
            return f"{stem}Request"
        # 2.1 part 4 §4.1.3: an unconfirmed message ends in neither "Request" nor "Response".
        self.sends.add(stem)
        return stem

    def _definition_names(self, definitions: dict[str, Any]) -> dict[str, str]:
        """Type names without the "Type" or "EnumType" at their end; an enum that would share a name keeps "Enum"."""
        names = {}
        for title, definition in definitions.items():
            plain = title.removesuffix("Type")
            if "enum" in definition:
                short = plain.removesuffix("Enum")
                plain = f"{short}Enum" if short in self.record_names else short
            names[title] = DEFINITIONS_16.get(title, plain) if self.version == "1.6" else plain
        names["CustomDataType"] = "CustomData"
        return names

    def _fields(self, owner: str, schema: dict[str, Any], names: dict[str, str]) -> tuple[FieldDefinition, ...]:
        known_keywords(schema)
        if schema.get("additionalProperties") is not False:
            raise SystemExit(f"{owner}: an object that admits unknown fields has no type here")
        required = set(schema.get("required", ()))
        found = [
            FieldDefinition(
                wire=wire,
                annotation=self._annotation(owner, wire, value, names),
                required=wire in required,
                tenth="multipleOf" in value,
            )
            for wire, value in schema.get("properties", {}).items()
        ]
        if required - {one.wire for one in found}:
            raise SystemExit(f"{owner}: requires a field that it does not define")
        return tuple(sorted(found, key=lambda one: (one.wire == "customData", not one.required)))

    def _annotation(self, owner: str, wire: str, schema: dict[str, Any], names: dict[str, str]) -> str:
        known_keywords(schema)
        if "$ref" in schema:
            return names[schema["$ref"].removeprefix("#/definitions/")]
        match schema.get("type"):
            case None:
                return "Any"
            case "boolean":
                return "bool"
            case "string" if "enum" in schema:
                name = ENUMS_16.get(f"{owner}.{wire}") or ENUMS_16[wire]
                self._add_enum(name, schema)
                return name
            case "string" if "maxLength" in schema:
                return self._alias(f"String{schema['maxLength']}", f"str, Meta(max_length={schema['maxLength']})")
            case "string":
                return "str"
            case "integer":
                return self._number("Integer", int, schema)
            case "number":
                if schema.get("multipleOf", 0.1) != 0.1:
                    raise SystemExit(f"{owner}.{wire}: only tenths are known")
                return self._number("Number", float, schema)
            case "array":
                item = self._annotation(owner, wire, schema["items"], names)
                bounds = [f"{bound}={schema[word]}" for word, bound in ARRAY_BOUNDS.items() if word in schema]
                return f"Annotated[list[{item}], Meta({', '.join(bounds)})]" if bounds else f"list[{item}]"
            case "object":
                name = RECORDS_16.get(f"{owner}.{wire}") or RECORDS_16[wire]
                self._define(self.datatypes, name, self._fields(name, schema, names))
                return name
            case other:
                raise SystemExit(f"{owner}.{wire}: unknown type {other!r}")

    def _number(self, kind: str, python: type[int] | type[float], schema: dict[str, Any]) -> str:
        bounds = {word: python(schema[word]) for word in ("minimum", "maximum") if word in schema}
        if any(bounds[word] != schema[word] for word in bounds):
            raise SystemExit(f"a bound of {schema} is not of its own type")
        if not bounds:
            return python.__name__
        name = kind
        if "minimum" in bounds:
            name += f"From{int(bounds['minimum'])}"
        if "maximum" in bounds:
            name += f"To{int(bounds['maximum'])}"
        meta = ", ".join(f"{NUMBER_BOUNDS[word]}={value}" for word, value in bounds.items())
        return self._alias(name.replace("-", "Minus"), f"{python.__name__}, Meta({meta})")

    def _alias(self, name: str, expression: str) -> str:
        self._define(self.aliases, name, f"Annotated[{expression}]")
        return name

    def _add_enum(self, name: str, schema: dict[str, Any]) -> None:
        known_keywords(schema)
        if not all(isinstance(value, str) for value in schema["enum"]):
            raise SystemExit(f"{name}: only strings are known as enum values")
        self._define(self.enums, name, tuple(schema["enum"]))

    def _define(self, table: dict[str, Any], name: str, value: Any) -> None:
        if isinstance(value, tuple) and name in table and sorted(map(str, table[name])) == sorted(map(str, value)):
            return
        if table.setdefault(name, value) != value:
            raise SystemExit(f"{self.version} {name}: one name, two types:\n{table[name]}\n{value}")

    @staticmethod
    def _check_custom_data(schema: dict[str, Any]) -> None:
        known_keywords(schema)
        expected = {"type": "object", "properties": {"vendorId": {"type": "string", "maxLength": 255}}}
        if {word: schema[word] for word in expected} != expected or schema["required"] != ["vendorId"]:
            raise SystemExit(f"CustomDataType is not what decode_extension checks: {schema}")

    def render(self) -> str:
        names = [*self.aliases, *self.enums, *self.datatypes, *self.messages]
        if len(set(names)) != len(names) or set(names) & (RESERVED | {"ACTIONS", "SENDS"}):
            raise SystemExit(f"{self.version}: a name is used twice")
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f'"""The messages of OCPP {self.version}. Written by scripts/generate_wire.py; change that, not this."""'
        yield ""
        yield "from __future__ import annotations"
        yield ""
        body = [*self._definitions(), *self._tables()]
        text = "\n".join(body)
        used = {name for name in RESERVED if re.search(rf"\b{name}\b", text)}
        typing = sorted(used & {"Annotated", "Any", "Literal"})
        yield f"from typing import {', '.join(typing)}"
        yield ""
        if "Meta" in used:
            yield "from msgspec import Meta"
            yield ""
        ours = used & {"CustomData", "Datatype", "Maybe", "Message", "require_tenth"}
        yield f"from .base import {', '.join(sorted(ours, key=lambda name: (name.islower(), name)))}"
        yield ""
        yield from body

    def _definitions(self) -> Iterator[str]:
        for name in sorted(self.aliases, key=lambda it: [int(x) if x.isdigit() else x for x in re.split(r"(\d+)", it)]):
            yield f"{name} = {self.aliases[name]}"
        yield ""
        for name, values in sorted(self.enums.items()):
            yield from wrapped(f"{name} = Literal[", [quoted(value) for value in values], "]")
        for base, table in (("Datatype", self.datatypes), ("Message", self.messages)):
            for name, fields in sorted(table.items()):
                yield from ("", "")
                yield from self._record(name, base, fields)

    @staticmethod
    def _record(name: str, base: str, fields: tuple[FieldDefinition, ...]) -> Iterator[str]:
        renamed = {one.name: one.wire for one in fields}
        if len(renamed) != len(fields):
            raise SystemExit(f"{name}: two fields with one name")
        camel = msgspec.defstruct("Camel", [(one, int) for one in renamed], rename="camel").__struct_encode_fields__
        if camel == tuple(renamed.values()):
            yield f"class {name}({base}, frozen=True, kw_only=True):"
        else:
            # A mapping takes the place of the rule, so it names every field that the two languages spell differently.
            differing = [f"{quoted(one)}: {quoted(wire)}" for one, wire in renamed.items() if one != wire]
            yield from wrapped(f"class {name}({base}, frozen=True, kw_only=True, rename={{", differing, "}):")
        for one in fields:
            annotation = one.annotation if one.required else f"Maybe[{one.annotation}]"
            yield f"    {one.name}: {annotation}" + ("" if one.required else " = None")
        if not fields:
            yield "    pass"
        tenths = [one for one in fields if one.tenth]
        if tenths:
            values = ", ".join(f"{one.wire}=self.{one.name}" for one in tenths)
            yield from ("", "    def __post_init__(self) -> None:", f"        require_tenth({values})")

    def _tables(self) -> Iterator[str]:
        yield from ("", "", "# Action -> what a CALL carries, what its CALLRESULT carries.")
        yield "ACTIONS: dict[str, tuple[type[Message], type[Message]]] = {"
        for action in sorted(self.calls):
            yield f"    {quoted(action)}: ({action}Request, {action}Response),"
        yield from ("}", "", "# Action -> what a SEND carries.", "SENDS: dict[str, type[Message]] = {")
        yield from (f"    {quoted(action)}: {action}," for action in sorted(self.sends))
        yield "}"


ARRAY_BOUNDS = {"minItems": "min_length", "maxItems": "max_length"}
NUMBER_BOUNDS = {"minimum": "ge", "maximum": "le"}
RESERVED = {"Annotated", "Any", "CustomData", "Datatype", "Literal", "Maybe", "Message", "Meta", "require_tenth"}


def known_keywords(schema: dict[str, Any]) -> None:
    """Stop at a keyword that would be lost."""
    allowed = {"$ref"} if "$ref" in schema else CONSTRAINTS[schema.get("type")]
    unknown = set(schema) - allowed - ANNOTATIONS
    if unknown:
        raise SystemExit(f"unknown keywords {sorted(unknown)} in {schema}")


def snake_case(wire: str) -> str:
    """evseId -> evse_id, responderURL -> responder_url, limit_L2 -> limit_l2, evMaxV2XEnergyRequest -> ev_max_v2x_..."""
    for abbreviation, word in ABBREVIATIONS.items():
        wire = wire.replace(abbreviation, word)
    wire = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", wire)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", wire).lower()
    return f"{name}_" if keyword.iskeyword(name) else name


def quoted(text: str) -> str:
    return json.dumps(text)


def wrapped(opening: str, parts: list[str], closing: str) -> Iterator[str]:
    line = opening + ", ".join(parts) + closing
    if len(line) <= 120:
        yield line
        return
    yield opening
    row = "   "
    for part in parts:
        if len(row) + len(part) + 2 > 120:
            yield row
            row = "   "
        row += f" {part},"
    yield row
    yield closing


def render(package: str) -> str:
    """The source of one module, from the schemas of the installed `ocpp` package."""
    schemas = {
        one.name.removesuffix(".json"): json.loads(one.read_text(encoding="utf-8-sig"))
        for one in (files("ocpp") / package / "schemas").iterdir()
        if one.name.endswith(".json")
    }
    record_names = frozenset(
        title.removesuffix("Type")
        for schema in schemas.values()
        for title, definition in schema.get("definitions", {}).items()
        if "enum" not in definition
    )
    module = Module(VERSIONS[package], record_names)
    for stem, schema in sorted(schemas.items()):
        module.add_schema(stem, schema)
    return module.render()


def main(arguments: list[str]) -> int:
    stale = []
    for package in VERSIONS:
        path = WIRE / f"{package}.py"
        source = render(package)
        if path.exists() and path.read_text(encoding="utf-8") == source:
            continue
        stale.append(path.name)
        if "--check" not in arguments:
            path.write_text(source, encoding="utf-8")
            print(f"wrote {path}")
    if stale and "--check" in arguments:
        print(f"out of date: {', '.join(stale)}; run scripts/generate_wire.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
