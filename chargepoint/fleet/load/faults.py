"""The `[[fault]]` tables of the fleet file: what goes wrong, how often, and with whom.

A fault strikes each of its stations once at `at_second`, or again and again: then the times between are by chance, `every_second` on
average (a Poisson process). Times are seconds of the fleet's own time since it began.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hal.fault import FaultName

Second = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="fault"):
    """Base of the tables."""

    share: Annotated[Share, Meta(description="Which share of the stations it strikes, 0 to 1")] = 1.0
    at_second: Annotated[Second, Meta(description="When it strikes, or from when on it may")] = 0.0
    every_second: (
        Annotated[
            float, Meta(gt=0, description="How long it is between two of a station on average; by default only one")
        ]
        | None
    ) = None
    until_second: Annotated[float, Meta(gt=0, description="Until when new ones may strike")] | None = None


class Lasting(Table, frozen=True, kw_only=True):
    """A fault that is over after a time."""

    for_second: Annotated[float, Meta(gt=0, description="How long it lasts")] = 30.0


class LinkDrop(Lasting, frozen=True, kw_only=True, tag="link-drop"):
    """The network between station and CSMS is gone: the connection breaks without a goodbye, and new ones are not possible."""


class Delay(Lasting, frozen=True, kw_only=True, tag="delay"):
    """A slow network: everything arrives later, in both directions, in order."""

    millisecond: Annotated[float, Meta(gt=0, description="Delay in each direction")] = 500.0
    jitter_millisecond: Annotated[float, Meta(ge=0, description="At most so much more, by chance")] = 0.0


class SlowCsms(Lasting, frozen=True, kw_only=True, tag="slow-csms"):
    """What the CSMS says arrives late, as if it were slow; latencies in the report include it."""

    millisecond: Annotated[float, Meta(gt=0, description="How late")] = 5000.0
    jitter_millisecond: Annotated[float, Meta(ge=0, description="At most so much more, by chance")] = 0.0


class Duplicate(Lasting, frozen=True, kw_only=True, tag="duplicate"):
    """Messages of the station arrive twice. The answers to what arrived the second time are lost again, and are in no figure."""

    probability: Annotated[Share, Meta(description="How likely that is for each message, 0 to 1")] = 0.1


class MeterStuck(Lasting, frozen=True, kw_only=True, tag="meter-stuck"):
    """The energy meters of a station show the same values on and on, or answer no more."""

    manner: Annotated[Literal["frozen", "silent"], Meta(description="frozen: the same values; silent: no answer")] = (
        "frozen"
    )


class ClockStep(Table, frozen=True, kw_only=True, tag="clock-step"):
    """The station's clock jumps; the CSMS's next answer with a time puts it right."""

    step_second: Annotated[float, Meta(description="How far, forwards or backwards")] = 3600.0


class ConnectorFault(Lasting, frozen=True, kw_only=True, tag="connector-fault"):
    """A fault of the hardware at one EVSE of the station, chosen by chance."""

    name: Annotated[FaultName, Meta(description="What is broken")] = FaultName.GROUND_FAILURE


FaultPlan = LinkDrop | Delay | SlowCsms | Duplicate | MeterStuck | ClockStep | ConnectorFault
"""A fault, by its name in `fault`."""
