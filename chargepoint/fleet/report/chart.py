"""Plots as SVG: lines over time, and a histogram. No script; the style sheet of the page colours them."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 900, 260
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 12, 34
HOVERS = 120
"""So many spots of a plot say their values when a pointer rests on them."""
_TICKS = 5
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_TIME_STEPS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10_800,
    21_600,
    43_200,
    86_400,
    172_800,
    604_800,
)


class Series(NamedTuple):
    """A line. values: one for each time; None leaves a gap."""

    name: str
    values: Sequence[float | None]


class _Scale:
    """From values to heights. logarithmic: for what spans powers of ten."""

    def __init__(self, values: list[float], *, logarithmic: bool) -> None:
        self.logarithmic = logarithmic
        if logarithmic:
            positive = [value for value in values if value > 0] or [1.0]
            self.low = 10.0 ** math.floor(math.log10(min(positive)))
            self.high = 10.0 ** math.ceil(math.log10(max(positive)))
            if self.high <= self.low:
                self.high = self.low * 10
            decades = round(math.log10(self.high / self.low))
            stride = max(1, math.ceil(decades / _TICKS))
            self.ticks = [self.low * 10.0**n for n in range(0, decades + 1, stride)]
        else:
            step = _nice(max([*values, 0.0]) / _TICKS or 0.2)
            count = max(1, math.ceil(max([*values, 0.0]) / step - 1e-9))
            self.low, self.high = 0.0, step * count
            self.ticks = [step * n for n in range(count + 1)]

    def y(self, value: float) -> float:
        if self.logarithmic:
            value = max(value, self.low)
            share = math.log10(value / self.low) / math.log10(self.high / self.low)
        else:
            share = value / self.high
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def lines(
    title: str,
    times: Sequence[float],
    series: Sequence[Series],
    written: Callable[[float], str],
    *,
    logarithmic: bool = False,
) -> str:
    """A plot of values over seconds. written: puts a value into words."""
    scale = _Scale([value for one in series for value in one.values if value is not None], logarithmic=logarithmic)
    end = max(times, default=0.0) or 1.0

    def x(second: float) -> float:
        return LEFT + second / end * (WIDTH - LEFT - RIGHT)

    parts = _grid(scale, written)
    step = next((step for step in _TIME_STEPS if end / step <= 8), _DAY * 30)
    for n in range(int(end / step) + 1):
        parts.append(_text(x(n * step), HEIGHT - BOTTOM + 18, "middle", clock(n * step, step)))
    for number, one in enumerate(series):
        for run in _runs(times, one.values):
            points = " ".join(f"{x(second):.1f},{scale.y(value):.1f}" for second, value in run)
            if len(run) == 1:
                second, value = run[0]
                parts.append(f'<circle class="s{number}" cx="{x(second):.1f}" cy="{scale.y(value):.1f}" r="2"/>')
            else:
                parts.append(f'<polyline class="s{number}" points="{points}"/>')
    parts += _hovers(times, series, written, x)
    legend = "".join(
        f'<span class="key"><svg class="swatch" viewBox="0 0 30 8" aria-hidden="true"><polyline class="s{number}" points="0,4 30,4"/></svg>'
        f"{escape(one.name)}</span>"
        for number, one in enumerate(series)
    )
    return _figure(title, f'<p class="legend">{legend}</p>', parts)


def histogram(title: str, buckets: Sequence[tuple[float, float, int]], written: Callable[[float], str]) -> str:
    """A plot of counts over durations, which are drawn by their logarithm. buckets: (from second, to second, count), rising."""
    bars = _bars(buckets)
    scale = _Scale([float(count) for _low, _high, count in bars], logarithmic=False)
    low, high = bars[0][0], bars[-1][1]
    width = math.log(high / low)

    def x(second: float) -> float:
        return LEFT + math.log(second / low) / width * (WIDTH - LEFT - RIGHT)

    parts = _grid(scale, lambda count: f"{count:,.0f}")
    for begin, end, count in bars:
        if count:
            y = scale.y(count)
            parts.append(
                f'<rect class="bar" x="{x(begin):.1f}" y="{y:.1f}" width="{max(x(end) - x(begin) - 1, 0.5):.1f}" '
                f'height="{HEIGHT - BOTTOM - y:.1f}"><title>{escape(f"{written(begin)} to {written(end)}: {count:,}")}</title></rect>'
            )
    decade = 10.0 ** math.ceil(math.log10(low) - 1e-9)
    while decade <= high * 1.000001:
        anchor = "middle" if decade < high * 0.999999 else "end"
        parts.append(_text(x(decade), HEIGHT - BOTTOM + 18, anchor, written(decade)))
        decade *= 10
    return _figure(title, "", parts)


def clock(second: float, step: float) -> str:
    """A time since the beginning: 90 s, 1:30 h, 2 d 3 h."""
    if step < _MINUTE:
        return f"{second:.0f} s" if second < _MINUTE else f"{second // 60:.0f}:{second % 60:02.0f} min"
    if step < _HOUR and second < _HOUR:
        return f"{second / 60:.0f} min"
    if step < _DAY:
        hours = f"{second % _DAY // 3600:.0f}:{second % 3600 // 60:02.0f} h"
        return hours if second < _DAY else f"{second // _DAY:.0f} d {hours}"
    return f"{second / _DAY:.0f} d"


def _bars(buckets: Sequence[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Wider ones: ten for each power of ten, over whole powers of ten. What took no time at all counts as a microsecond."""
    middles = [(max((low + high) / 2, 1e-6), count) for low, high, count in buckets]
    first = math.floor(math.log10(middles[0][0]))
    last = math.ceil(math.log10(middles[-1][0]) + 1e-9)
    last = max(last, first + 1)
    counts = [0] * ((last - first) * 10)
    for middle, count in middles:
        counts[min(int((math.log10(middle) - first) * 10), len(counts) - 1)] += count
    return [(10 ** (first + n / 10), 10 ** (first + (n + 1) / 10), count) for n, count in enumerate(counts)]


def _runs(times: Sequence[float], values: Sequence[float | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for second, value in zip(times, values, strict=True):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((second, value))
    return [run for run in runs if run]


def _hovers(
    times: Sequence[float], series: Sequence[Series], written: Callable[[float], str], x: Callable[[float], float]
) -> list[str]:
    parts = []
    stride = max(1, math.ceil(len(times) / HOVERS))
    before = float(LEFT)
    for index in range(0, len(times), stride):
        last = min(index + stride, len(times)) - 1
        end = x(times[last])
        shown = [(one.name, one.values[last]) for one in series]
        said = "\n".join(f"{name}: {written(value) if value is not None else '–'}" for name, value in shown)
        parts.append(
            f'<rect class="hover" x="{before:.1f}" y="{TOP}" width="{max(end - before, 0.5):.1f}" height="{HEIGHT - TOP - BOTTOM}">'
            f"<title>{escape(f'after {times[last]:,.1f} s')}\n{escape(said)}</title></rect>"
        )
        before = end
    return parts


def _grid(scale: _Scale, written: Callable[[float], str]) -> list[str]:
    parts = []
    for tick in scale.ticks:
        y = scale.y(tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(LEFT - 8, y + 4, "end", written(tick)))
    return parts


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _figure(title: str, more: str, parts: list[str]) -> str:
    drawing = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    return f"<figure><figcaption>{escape(title)}</figcaption>{more}{drawing}</figure>"


def _nice(step: float) -> float:
    """The next greater of 1, 2, 5 × 10ⁿ."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((power * factor for factor in (1, 2, 5) if power * factor >= step * 0.999999), power * 10)
