"""What was counted of each part of a fleet, and of all parts at one CSMS or of one group together."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from chargepoint.fleet.measure.snapshot import Snapshot, merged
from chargepoint.fleet.parts import OTHER, Parting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chargepoint.fleet.plan import Plan

EMBEDDED = "embedded central system"


class PartFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A part. csms, group: names. url: without credentials. template, version: None where groups are taken together; url: where CSMSs are.

    stations: of the plan. total: what was counted; of its gauges there are only `PART_GAUGES`.
    """

    csms: str
    group: str
    url: str | None
    template: str | None
    version: str | None
    stations: int
    total: Snapshot


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """Several parts as one. name: for a table. stations: of the plan."""

    name: str
    stations: int
    total: Snapshot


def parts_of(plan: Plan, total: Snapshot) -> tuple[PartFigures, ...]:
    """The parts of a plan, with what was counted; one that is the only one has all of it."""
    planned = Parting(plan).all()
    return tuple(
        PartFigures(
            csms=one.part.csms,
            group=one.part.group,
            url=public(one.url) if one.part.csms != OTHER else None,
            template=one.template,
            version=one.version,
            stations=one.stations,
            total=total if len(planned) == 1 else total.part(one.part),
        )
        for one in planned
    )


def by_csms(parts: Iterable[PartFigures]) -> list[Together]:
    """The parts of each CSMS as one."""
    return _together(parts, lambda part: part.csms, csms_words)


def by_group(parts: Iterable[PartFigures]) -> list[Together]:
    """The parts of each group as one."""
    return _together(parts, lambda part: part.group, _group_words)


def fitting(parts: Iterable[PartFigures], pattern: str) -> Snapshot | None:
    """What was counted of a group or at a CSMS, by its name with wildcards; None = there is none."""
    found = [part.total for part in parts if fits(part, pattern)]
    return merged(found) if found else None


def fits(part: PartFigures, pattern: str) -> bool:
    """Whether it is of a group or at a CSMS of that name with wildcards."""
    return any(fnmatchcase(name, pattern) for name in (part.group, part.csms))


def csms_words(part: PartFigures) -> str:
    """How its CSMS is called in tables and sentences."""
    return f"{part.csms} ({part.url})" if part.url is not None else part.csms


def _group_words(part: PartFigures) -> str:
    if part.version is None:
        return part.group
    template = f"template {part.template}, " if part.template != part.group else ""
    return f"{part.group} ({template}OCPP {part.version})"


def _together(
    parts: Iterable[PartFigures], key: Callable[[PartFigures], str], name: Callable[[PartFigures], str]
) -> list[Together]:
    found: dict[str, list[PartFigures]] = {}
    for part in parts:
        found.setdefault(key(part), []).append(part)
    return [
        Together(
            name=name(several[0]),
            stations=sum(part.stations for part in several),
            total=merged(part.total for part in several),
        )
        for several in found.values()
    ]


def public(url: str | None) -> str:
    """A URL without credentials."""
    if url is None:
        return EMBEDDED
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()
