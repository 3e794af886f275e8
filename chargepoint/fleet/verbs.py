"""The verbs for stations of a fleet: those of the control API, and some that only a fleet can carry out."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from chargepoint.api.verbs import VERBS, Arguments, Effect, Nothing, Verb


class CutLink(Arguments, frozen=True, kw_only=True):
    """For how long."""

    for_second: (
        Annotated[float, Meta(gt=0, description="Give it back after this time; by default on `restore-link`")] | None
    ) = None


OWN: Final[dict[str, Verb]] = {
    verb.name: verb
    for verb in (
        Verb("power-on", Nothing, Effect.PROCESS, "Switch a station of a fleet on.", (), "--station CP00001 power-on"),
        Verb(
            "power-off",
            Nothing,
            Effect.PROCESS,
            "Cut the power of a station of a fleet.",
            (),
            "--station CP00001 power-off",
        ),
        Verb(
            "restart",
            Nothing,
            Effect.PROCESS,
            "End a station of a fleet in good order, and start it anew.",
            (),
            "--station CP00001 restart",
        ),
        Verb(
            "cut-link",
            CutLink,
            Effect.LINK,
            "Take the network of a station of a fleet away, until `restore-link` or for a time.",
            (),
            "--station CP00001 cut-link --for-second 30",
        ),
        Verb(
            "restore-link",
            Nothing,
            Effect.LINK,
            "Give the network of a station of a fleet back.",
            (),
            "--station CP00001 restore-link",
        ),
    )
}
"""Verbs of a fleet alone; a station that is switched off can be told them too."""

NOT_HERE: Final = frozenset({"cut-power", "watch"})
"""`cut-power` would end the process, and with it all its stations; what happens to thousands of stations is in traces and reports."""

FLEET_VERBS: Final[dict[str, Verb]] = {name: verb for name, verb in {**VERBS, **OWN}.items() if name not in NOT_HERE}
