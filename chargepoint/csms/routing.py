"""The `ocpp` package's routing, with types; the package itself has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ocpp.routing import on as _on  # type: ignore[import-untyped]  # the package has no types

F = TypeVar("F", bound=Callable[..., object])


def on(action: str) -> Callable[[F], F]:
    """Mark a method as the handler of a station's request: it gets the payload as keyword arguments in snake case."""

    def mark(handler: F) -> F:
        routed: F = _on(action)(handler)
        return routed

    return mark
