"""Makes single stations for a test: the fixture `charge_point`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from chargepoint.testing.stage import FOREVER_SECOND, Csms, Factory, Stage, Starting, plan_of
from chargepoint.testing.station import TIMEOUT_SECOND, NotYetError, Station

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Point = Literal["accepted", "connected", "started"]


class ChargePoints(Factory["_Played"]):
    """Makes stations. Each has a store, a simulated world and a network of its own, and starts anew after a Reset."""

    def __call__(
        self,
        url: str | None = None,
        *,
        csms: Csms | None = None,
        version: str | Sequence[str] = "1.6",
        id: str = "CP00001",  # noqa: A002 - that is what it is called
        password: str | None = None,
        evses: int = 1,
        variables: Mapping[str, object] | None = None,
        configuration: Mapping[str, Any] | None = None,
        seed: int = 0,
        until: Point = "accepted",
        timeout_second: float = TIMEOUT_SECOND,
    ) -> Starting[Station]:
        """Make a station and switch it on: `station = await charge_point(url=…)`, or `async with charge_point(url=…) as station:`.

        url: of the CSMS, without the identity. csms: instead, one in the test's own process: an async handler of connections, as
        `websockets.serve` takes it, or a server such as `chargepoint.testing.InProcess` and `chargepoint.csms.Csms`.
        version: OCPP "1.6", "2.0.1" or "2.1"; several in order of preference. password: for HTTP basic authentication (the configuration
        has csms.security_profile = 1 then). evses: so many, with 32 A, a fixed cable and a meter each.
        variables: factory values, by 1.6 key or 2.x Component.Variable. configuration: tables as a template of a fleet file has them,
        e.g. {"evse": [{"supply": "DC"}]}; they go before the other arguments. seed: of all that is chance, on virtual time.
        until: how far it must be when the call returns: accepted by the CSMS, connected, or just started.

        Raises, when awaited: ConfigurationError: a sentence for everything that is wrong. ValueError: sockets and virtual time.
        NotYetError: the CSMS did not accept it in time; the text has what was said.
        """
        template: dict[str, Any] = {
            "csms": {"versions": [version] if isinstance(version, str) else list(version)},
            "evse": [{} for _ in range(evses)],
        }
        if password is not None:
            template["csms"]["security_profile"] = 1
        if variables:
            template["variables"] = dict(variables)
        template = _merged(template, configuration or {})
        group: dict[str, Any] = {"template": "station", "count": 1, "id": _literal(id)}
        if password is not None:
            group["password"] = _literal(password)

        async def start() -> Station:
            self._join()
            tables = {"template": {"station": template}, "group": [group]}
            plan = plan_of(url, csms, duration_second=FOREVER_SECOND, tables=tables, seed=seed, name=id)
            played = self._keep(_Played(plan, csms))
            await played.begin(until, timeout_second)
            return played.station

        async def end(station: Station) -> None:
            for played in tuple(self._made):
                if played.station is station:
                    await self._end_one(played)

        return Starting(start, end)

    async def _end(self, one: _Played) -> None:
        await one.stage.end()


class _Played:
    """A station on its stage."""

    def __init__(self, plan: Any, csms: Csms | None) -> None:
        self.stage = Stage(plan, csms, on_frame=lambda _id, direction, raw: self.station.framed(direction, raw))
        self.station = Station(self.stage.shard.members[0])

    async def begin(self, until: Point, timeout_second: float) -> None:
        station = self.station
        self.stage.begin()
        try:
            await station.until(lambda: station.on, timeout_second)
            if until == "connected":
                await station.until(lambda: station.connected, timeout_second)
            elif until == "accepted":
                await station.until(lambda: station.registration == "Accepted", timeout_second)
        except NotYetError as error:
            raise NotYetError(
                f"{station.id} was not {until} within {timeout_second:g} s\n{station.summary()}"
            ) from error


def _literal(text: str) -> str:
    """A text as a pattern of it alone."""
    return text.replace("{", "{{").replace("}", "}}")


def _merged(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
