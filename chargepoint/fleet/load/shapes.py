"""The `[[load]]` tables of the fleet file: named load shapes. Several may be combined; without one, all stations come at once.

Times are seconds of the fleet's own time since it began.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

Second = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
AT = Meta(description="When it begins")
SHARE = Meta(description="Which share of the stations, 0 to 1")


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="shape"):
    """Base of the tables."""


class Ramp(Table, frozen=True, kw_only=True, tag="ramp"):
    """Stations are switched on evenly over a time, and stay on."""

    at_second: Annotated[Second, AT] = 0.0
    over_second: Annotated[Second, Meta(description="From the first to the last")] = 60.0
    share: Annotated[Share, SHARE] = 1.0


class Steady(Table, frozen=True, kw_only=True, tag="steady"):
    """All stations at once, and they stay on."""

    at_second: Annotated[Second, AT] = 0.0


class Step(Table, frozen=True, kw_only=True, tag="step"):
    """More stations step by step, until the CSMS no longer keeps up (the knee), or all are on and have been judged; then the run ends.

    The knee is the first step after which answers came too late or never, or too many failed, or too many stations were not accepted; the
    report says how many stations were on before. A run that ends earlier says so.
    """

    stations: Annotated[int, Meta(ge=1, description="How many more at each step")]
    every_second: Annotated[float, Meta(gt=0, description="How long a step lasts; its second half is judged")] = 60.0
    p99_millisecond: Annotated[
        float, Meta(gt=0, description="99 of 100 answers come sooner than this, or it is the knee")
    ] = 1000.0
    errors: Annotated[
        Share,
        Meta(
            description="More failures than this share of all messages is the knee, and so are more stations not accepted"
        ),
    ] = 0.01
    at_second: Annotated[Second, AT] = 0.0


class Spike(Table, frozen=True, kw_only=True, tag="spike"):
    """For a short time much more happens: more drivers come, and stations that were off are on."""

    at_second: Annotated[Second, AT]
    for_second: Annotated[float, Meta(gt=0, description="How long it lasts")] = 60.0
    arrivals_factor: Annotated[
        float, Meta(ge=0, description="How many times as many drivers come meanwhile; 1 = as always")
    ] = 5.0
    share: Annotated[Share, Meta(description="Which share of the stations is on only during the spike, 0 to 1")] = 0.0


class Soak(Table, frozen=True, kw_only=True, tag="soak"):
    """All stations for a long time; the report says what has drifted: memory, latencies, queues, from the first tenth to the last."""

    for_second: Annotated[float, Meta(gt=0, description="How long; the run ends then")]
    over_second: Annotated[Second, Meta(description="From the first station that is switched on to the last")] = 60.0


class ReconnectStorm(Table, frozen=True, kw_only=True, tag="reconnect-storm"):
    """Many stations lose the network at one moment, and get it back at another: all of them connect again."""

    at_second: Annotated[Second, AT]
    share: Annotated[Share, SHARE] = 0.5
    for_second: Annotated[Second, Meta(description="How long the network is gone")] = 30.0
    within_second: Annotated[Second, Meta(description="Over which time it comes back; 0 = for all at once")] = 0.0
    every_second: Annotated[float, Meta(gt=0, description="Again and again; by default only once")] | None = None


class Blackout(Table, frozen=True, kw_only=True, tag="blackout"):
    """The grid fails: stations go off in the middle of everything, and come back when it recovers."""

    at_second: Annotated[Second, AT]
    share: Annotated[Share, SHARE] = 1.0
    for_second: Annotated[Second, Meta(description="How long it lasts")] = 300.0
    within_second: Annotated[Second, Meta(description="Over which time stations come back; 0 = all at once")] = 0.0


class RollingRestart(Table, frozen=True, kw_only=True, tag="rolling-restart"):
    """Stations restart in order, one after the other or some at a time, as for a firmware update."""

    at_second: Annotated[Second, AT]
    share: Annotated[Share, SHARE] = 1.0
    over_second: Annotated[float, Meta(gt=0, description="From the first restart to the last")] = 600.0
    away_second: Annotated[Second, Meta(description="From a station's end to its next start")] = 5.0


Shape = Ramp | Steady | Step | Spike | Soak | ReconnectStorm | Blackout | RollingRestart
"""A load shape, by its name in `shape`."""
