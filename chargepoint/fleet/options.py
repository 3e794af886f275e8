"""How a fleet is run, as the command line says it; what is run is the plan."""

from typing import Literal

import msgspec

Live = Literal["auto", "table", "lines", "off"]
"""How the run is shown while it lasts; auto: a table on a terminal where rich is installed, else lines."""


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to run a plan.

    processes: None = as many as the machine has cores to spare. shard: (i, n), i counted from 0: only this part of the fleet, when others
    run the rest. cluster: address of a dask.distributed scheduler whose workers run the shards. service_levels: beside those of the plan.
    text, json, html, junit: files of the final report; None = not written. prometheus: ADDRESS:PORT for metrics.
    control: where the fleet's control API listens. trace: folder for frames as JSON lines.
    grace_second: how long stations may take to end their sessions, empty their queues and close, when the time is over.
    """

    processes: int | None = None
    shard: tuple[int, int] | None = None
    cluster: str | None = None
    service_levels: tuple[str, ...] = ()
    text: str | None = None
    json: str | None = None
    html: str | None = None
    junit: str | None = None
    prometheus: str | None = None
    control: str | None = None
    trace: str | None = None
    live: Live = "auto"
    grace_second: float = 30.0
