"""What has drifted in a long run: the first tenth of it against the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chargepoint.fleet.report.timeline import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chargepoint.fleet.report.timeline import Point

LEAST_POINTS = 20
LEAST_HOURS = 1 / 6
"""Over less than that, what has grown says nothing of an hour."""
SETTLED_SHARE = 0.1
"""The beginning, in which stations are still switched on, is left out."""


def drift_of(points: Sequence[Point]) -> list[str]:
    """Sentences: memory, latency and queue, in the tenth after the beginning and in the last tenth. Too short a run has none."""
    if len(points) < LEAST_POINTS:
        return [f"too few points for a drift: {len(points)} of at least {LEAST_POINTS}; let the soak last longer"]
    tenth = len(points) // 10
    begin = int(len(points) * SETTLED_SHARE)
    first, last = joined(points[begin : begin + tenth]), joined(points[-tenth:])
    hours = (last.at_second - first.at_second) / 3600
    grown = last.gauges.resident_byte - first.gauges.resident_byte
    sentences = [
        f"soak: resident memory went from {first.gauges.resident_byte / 1e6:.1f} to {last.gauges.resident_byte / 1e6:.1f} MB"
        + (f", {grown / 1e6 / hours:+.2f} MB per hour" if hours > LEAST_HOURS else ""),
        f"soak: {first.gauges.queued} messages were queued at first and {last.gauges.queued} at last",
    ]
    early, late = first.latency.percentile(99), last.latency.percentile(99)
    if early is not None and late is not None:
        sentences.append(
            f"soak: 99 of 100 answers came within {early * 1e3:.1f} ms at first and {late * 1e3:.1f} ms at last"
        )
    return sentences
