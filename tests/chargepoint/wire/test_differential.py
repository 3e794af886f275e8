"""Every schema of every version: what the `ocpp` package's validator accepts we accept, what it refuses we refuse.

The payloads come from the schemas themselves: random valid ones, and for every field that a schema has, a smallest
payload with that field replaced by each value at, just inside and just outside what the schema allows.
"""

from __future__ import annotations

import json
import random
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
from ocpp import messages
from ocpp.exceptions import OCPPError

from chargepoint.rpc import errors
from chargepoint.wire.codec import Codec, codec_for

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}
CALL, CALL_RESULT, SEND = 2, 3, 6
VALID_PAYLOADS_PER_SCHEMA = 8

# What is refused by us and accepted by the package, or the other way round, and why. Each is shown below to be so.
EXCEPTIONS = {
    "NaN and Infinity": "no JSON (RFC 8259 §6); Python's parser reads them all the same",
    "half a surrogate pair": "has no UTF-8, so it could neither be stored nor sent on",
    "a number beyond the range of a double": "Python's parser reads it as infinity, or as an integer without end",
    "a name that occurs twice in an object": "the package sees the last value only; we check every one",
    "tenths of 10^27 and more": "the package's decimal arithmetic fails with an exception of its own",
}


class Schema(NamedTuple):
    version: str
    message_type: int
    action: str
    schema: dict[str, Any]

    @property
    def decimals(self) -> bool:
        """Whether the package checks this message's numbers as decimals, as its `_validate_payload` does."""
        call = self.message_type == CALL and self.action in {"SetChargingProfile", "RemoteStartTransaction"}
        result = self.message_type == CALL_RESULT and self.action == "GetCompositeSchedule"
        return self.version == "1.6" and (call or result)

    def accepted_by_package(self, text: str) -> bool:
        return self._validator().is_valid(self._parsed(text))

    def keywords_broken(self, text: str) -> set[str]:
        return {
            "payload" if error.validator == "type" and not error.absolute_path else str(error.validator)
            for error in self._validator().iter_errors(self._parsed(text))
        }

    def decode(self, text: str) -> Any:
        codec: Codec = codec_for(self.version)
        decode = {CALL: codec.decode_request, CALL_RESULT: codec.decode_response, SEND: codec.decode_send}
        return decode[self.message_type](self.action, text.encode())

    def _validator(self) -> Any:
        parse_float = Decimal if self.decimals else float
        return messages.get_validator(self.message_type, self.action, self.version, parse_float)

    def _parsed(self, text: str) -> Any:
        return json.loads(text, parse_float=Decimal if self.decimals else float)


def schemas() -> Iterator[Schema]:
    for version, package in VERSIONS.items():
        for file in sorted((files("ocpp") / package / "schemas").iterdir(), key=lambda it: it.name):
            if not file.name.endswith(".json"):
                continue
            stem, schema = file.name.removesuffix(".json"), json.loads(file.read_text(encoding="utf-8-sig"))
            if stem.endswith("Response"):
                yield Schema(version, CALL_RESULT, stem.removesuffix("Response"), schema)
            elif stem.endswith("Request") or version == "1.6":
                yield Schema(version, CALL, stem.removesuffix("Request"), schema)
            else:
                yield Schema(version, SEND, stem, schema)


ALL = list(schemas())


def identity(schema: Schema) -> str:
    kind = {CALL: "Request", CALL_RESULT: "Response", SEND: ""}[schema.message_type]
    return f"{schema.version}-{schema.action}{kind}"


# A definition is one type wherever it occurs, so its inside is gone through with the first message that has it.
FIRST_USE: dict[tuple[str, str], str] = {}
for one in ALL:
    for name in one.schema.get("definitions", {}):
        FIRST_USE.setdefault((one.version, f"#/definitions/{name}"), identity(one))


class Sampler:
    """Values that one schema allows."""

    def __init__(self, root: dict[str, Any], seed: str) -> None:
        self.root = root
        self.random = random.Random(seed)  # noqa: S311 - samples, the same in every run

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return self.root["definitions"][schema["$ref"].rpartition("/")[2]]
        return schema

    def value(self, schema: dict[str, Any], optional: float) -> Any:
        """A valid value; each optional field is there with the given probability."""
        schema = self.resolve(schema)
        match schema.get("type"):
            case "object":
                return self.object(schema, optional)
            case "array":
                least = schema.get("minItems", 0)
                length = self.random.randint(least, min(schema.get("maxItems", least + 2), least + 2))
                return [self.value(schema["items"], optional) for _ in range(length)]
            case "string":
                return self.random.choice(schema["enum"]) if "enum" in schema else self.text(schema)
            case "integer":
                return self.random.randint(int(schema.get("minimum", -9)), int(schema.get("maximum", 2**40)))
            case "number":
                low, high = schema.get("minimum", -99), schema.get("maximum", 99)
                whole = self.random.randint(int(low), int(high))
                decimals = 1 if "multipleOf" in schema else 6
                return self.random.choice([whole, round(self.random.uniform(low, high), decimals)])
            case "boolean":
                return self.random.random() < 0.5
            case _:
                return self.random.choice([None, 1, 1.0, "x", [None], {"a": {"b": None}}])

    def object(self, schema: dict[str, Any], optional: float) -> dict[str, Any]:
        required = schema.get("required", ())
        chosen = {
            name: self.value(field, optional)
            for name, field in schema.get("properties", {}).items()
            if name in required or self.random.random() < optional
        }
        if schema.get("additionalProperties") is not False:
            chosen["vendor's own"] = {"n": [1, 2.5, None, "é"]}
        return chosen

    def text(self, schema: dict[str, Any]) -> str:
        alphabet = ["a", "B", "7", " ", "é", "充", "🔌", '"', "\\", "\n", "\x00", "{", "]"]
        length = self.random.randint(0, min(schema.get("maxLength", 20), 20))
        return "".join(self.random.choice(alphabet) for _ in range(length))

    def places(
        self, schema: dict[str, Any], path: tuple[str | int, ...] = (), definition: str = ""
    ) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any], str]]:
        """Every place a payload can have: its path, the schema of the value there, and the definition it lies in."""
        yield path, schema, definition
        definition = schema.get("$ref", definition)
        schema = self.resolve(schema)
        for name, field in schema.get("properties", {}).items():
            yield from self.places(field, (*path, name), definition)
        if "items" in schema:
            yield from self.places(schema["items"], (*path, 0), definition)

    def payload(self, schema: dict[str, Any], path: tuple[str | int, ...], value: Any) -> Any:
        """The smallest payload that has `value` at `path`."""
        if not path:
            return value
        schema = self.resolve(schema)
        if schema["type"] == "array":
            rest = [self.value(schema["items"], 0) for _ in range(schema.get("minItems", 1) - 1)]
            return [self.payload(schema["items"], path[1:], value), *rest]
        name = path[0]
        return {**self.object(schema, 0), name: self.payload(schema["properties"][name], path[1:], value)}

    def variants(self, schema: dict[str, Any]) -> Iterator[Any]:
        """Values of every type, and those on both sides of every limit of the schema."""
        yield from (None, True, 0, 1, -1, 1.0, 100.0, 1.5, 21.4, 4.11, "", "x", [], {}, [None], 2**31, 2**63, 2**70)
        schema = self.resolve(schema)
        for limit in ("minimum", "maximum"):
            if limit in schema:
                bound = int(schema[limit])
                yield from (bound, bound - 1, bound + 1, bound - 0.1, bound + 0.1, float(bound))
        if "maxLength" in schema:
            length = schema["maxLength"]
            yield from ("x" * length, "x" * (length + 1), "🔌" * length, "🔌" * (length + 1))
        for value in schema.get("enum", ()):
            yield from (value, value.lower(), value + " ")
        if schema.get("type") == "array":
            item = self.value(schema["items"], 0.3)
            most = schema.get("maxItems", 0)
            yield from ([item] * length for length in {0, 1, 2, 5, most, most + 1})
        if schema.get("type") == "object":
            yield from self._objects(schema)

    def _objects(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        smallest, full = self.object(schema, 0), self.object(schema, 1)
        yield from (smallest, full, {**smallest, "noSuchField": 1}, {**full, "noSuchField": None})
        for name in full:
            yield {**smallest, name.upper(): full[name]}
            yield {key: value for key, value in smallest.items() if key != name}


# Which keyword of JSON schema each of our errors answers to; the payload's own type is a matter of its form.
KEYWORDS = {
    errors.FormatViolationError: {"additionalProperties", "payload"},
    errors.OccurrenceConstraintViolationError: {"required", "minItems", "maxItems"},
    errors.PropertyConstraintViolationError: {"enum", "maxLength", "minimum", "maximum", "multipleOf"},
    errors.TypeConstraintViolationError: {"type"},
}


def agree(schema: Schema, payload: Any) -> bool:
    """Compare the two verdicts, and our reason with the package's reasons; return whether it was accepted."""
    text = json.dumps(payload)
    refusal = refused_by_us(schema, text)
    if refusal is not None:
        assert not schema.accepted_by_package(text), f"refused by us alone ({refusal}): {text}"
        assert KEYWORDS[type(refusal)] & schema.keywords_broken(text), f"{type(refusal).__name__} {refusal}: {text}"
        return False
    assert schema.accepted_by_package(text), f"accepted by us alone: {text}"
    sent = codec_for(schema.version).encode_checked(schema.decode(text)).decode()
    assert without_null(json.loads(sent)) == without_null(payload)
    assert schema.accepted_by_package(sent)
    return True


def refused_by_us(schema: Schema, text: str) -> errors.CallError | None:
    try:
        schema.decode(text)
    except errors.CallError as error:
        return error
    return None


def without_null(value: Any) -> Any:
    """2.x's DataTransfer.data may be null, which is the one null that reads as absent."""
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


@pytest.mark.parametrize("schema", ALL, ids=identity)
def test_payloads_that_the_schema_allows_are_read_and_written_back(schema: Schema) -> None:
    sampler = Sampler(schema.schema, identity(schema))
    optional = [0.0, 1.0, *(sampler.random.random() for _ in range(VALID_PAYLOADS_PER_SCHEMA - 2))]
    payloads = [sampler.value(schema.schema, probability) for probability in optional]

    assert all(agree(schema, payload) for payload in payloads)


@pytest.mark.parametrize("schema", ALL, ids=identity)
def test_every_field_is_bounded_as_the_schema_bounds_it(schema: Schema) -> None:
    sampler = Sampler(schema.schema, identity(schema))
    verdicts = {
        agree(schema, sampler.payload(schema.schema, path, variant))
        for path, place, definition in sampler.places(schema.schema)
        if definition == "" or identity(schema) == FIRST_USE[schema.version, definition]
        for variant in sampler.variants(place)
    }

    assert verdicts == {True, False}


@pytest.mark.parametrize("schema", [one for one in ALL if one.message_type != SEND], ids=identity)
def test_the_validator_used_here_is_the_one_that_the_package_uses(schema: Schema) -> None:
    sampler = Sampler(schema.schema, identity(schema))
    valid, invalid = sampler.value(schema.schema, 0.5), {"noSuchField": 1}
    kind = messages.Call if schema.message_type == CALL else messages.CallResult

    def message(payload: Any) -> Any:
        made = kind("1", schema.action, payload) if kind is messages.Call else kind("1", payload)
        made.action = schema.action
        return made

    messages._validate_payload(message(valid), schema.version)
    with pytest.raises(OCPPError):
        messages._validate_payload(message(invalid), schema.version)


def meter_value(text: str) -> tuple[Schema, str]:
    schema = next(one for one in ALL if identity(one) == "1.6-StartTransactionRequest")
    return schema, f'{{"connectorId":1,"idTag":{text},"meterStart":0,"timestamp":"x"}}'


def tenth(text: str) -> tuple[Schema, str]:
    schema = next(one for one in ALL if identity(one) == "1.6-GetCompositeScheduleResponse")
    period = f'{{"startPeriod":0,"limit":{text}}}'
    schedule = f'{{"chargingRateUnit":"A","chargingSchedulePeriod":[{period}]}}'
    return schema, f'{{"status":"Accepted","chargingSchedule":{schedule}}}'


def cost(text: str) -> tuple[Schema, str]:
    schema = next(one for one in ALL if identity(one) == "2.0.1-CostUpdatedRequest")
    return schema, f'{{"transactionId":"1","totalCost":{text}}}'


@pytest.mark.parametrize(
    ("reason", "sample"),
    [
        ("NaN and Infinity", cost("NaN")),
        ("NaN and Infinity", cost("-Infinity")),
        ("half a surrogate pair", meter_value('"\\ud83d"')),
        ("a number beyond the range of a double", cost("1e999")),
        ("a number beyond the range of a double", cost("9" * 400)),
        ("a name that occurs twice in an object", meter_value('1,"idTag":"x"')),
    ],
)
def test_refused_by_us_alone(reason: str, sample: tuple[Schema, str]) -> None:
    schema, text = sample
    assert EXCEPTIONS[reason]
    assert schema.accepted_by_package(text)
    with pytest.raises(errors.CallError):
        schema.decode(text)


def test_accepted_by_us_alone() -> None:
    assert EXCEPTIONS["tenths of 10^27 and more"]
    schema, text = tenth("1e28")
    with pytest.raises(ArithmeticError):
        schema.accepted_by_package(text)
    assert msgspec.to_builtins(schema.decode(text))["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 1e28


def test_the_exact_tenths_of_the_errata_examples() -> None:
    for text, accepted in (("21.4", True), ("4.11", False), ("0.3", True), ("16", True), ("16.00", True)):
        schema, payload = tenth(text)
        assert schema.accepted_by_package(payload) is accepted
        if accepted:
            schema.decode(payload)
        else:
            with pytest.raises(errors.PropertyConstraintViolationError, match=r"limit: expected at most one decimal"):
                schema.decode(payload)
