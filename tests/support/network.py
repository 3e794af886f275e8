"""A bench whose station dials by itself: the real link, on a network in memory, with a central system at each address."""

from typing import Any

from chargepoint.dialects.dialect import load
from chargepoint.link.channel import Channel
from chargepoint.link.conversation import Conversation
from chargepoint.link.errors import NetworkError, Reason
from chargepoint.link.link import Link, LinkEvent
from chargepoint.link.memory import Caller, MemoryConnection, MemoryNetwork
from chargepoint.link.network import LinkNetwork
from chargepoint.link.reconnection import BackOff
from chargepoint.link.settings import LinkSettings, TlsSettings
from profiles.provisioning import variables as provisioning
from tests.support.bench import Bench
from tests.support.csms import CsmsDouble

OLD, NEW = "old.example", "new.example"
PASSWORD = "a password of the station"


class Attempt:
    """Somebody has dialled: when, and what the HTTP request said."""

    def __init__(self, host: str, at: float, caller: Caller, accepted: bool) -> None:
        self.host = host
        self.at = at
        self.caller = caller
        self.accepted = accepted

    def __repr__(self) -> str:
        return f"{self.host} {'+' if self.accepted else '-'} at {self.at:.1f}"


class Site:
    """A central system at an address. refusing: connection requests are not answered well; None = for ever, else how many more."""

    def __init__(self, host: str, bench: "NetworkBench") -> None:
        self.host = host
        self.csms = CsmsDouble(bench.version, bench.time.timers, bench.wall)
        self.bench = bench
        self.refusing: int | None = 0
        self.connection: MemoryConnection | None = None

    def choose(self, caller: Caller) -> str | None:
        refused = self.refusing is None or self.refusing > 0
        attempt = Attempt(self.host, self.bench.time.now, caller, not refused)
        self.bench.attempts.append(attempt)
        if self.refusing:
            self.refusing -= 1
        if refused:
            raise NetworkError(Reason.CLOSED, f"{self.host} hung up")
        return f"ocpp{self.csms.version}" if f"ocpp{self.csms.version}" in caller.subprotocols else None

    def accept(self, _caller: Caller, connection: MemoryConnection) -> "Site":
        self.connection = connection
        self.csms.deliver = connection.send
        self.bench.csms = self.csms
        return self

    def received(self, text: str) -> None:
        self.csms.received(text)

    def closed(self, _code: int, _reason: str) -> None:
        self.connection = None
        self.csms.deliver = None

    def hang_up(self) -> None:
        """Close the connection."""
        assert self.connection is not None, f"{self.host} has no connection"
        self.connection.close(1000, "")
        self.bench.run(0.1)


class NetworkBench(Bench):
    """Slot 0 holds the profile of the configuration file: ws://old.example/ocpp, or wss://. `csms` is where it has connected last.

    security_profile: of slot 0; beyond 0 the station has a password. tls: its files; nothing is encrypted on this network, though.
    attempts: to connect, in this life of the station.
    """

    def __init__(
        self,
        version: str = "2.0.1",
        *,
        security_profile: int = 0,
        tls: TlsSettings | None = None,
        variables: dict[str, object] | None = None,
        **options: Any,
    ) -> None:
        url = f"{'wss' if security_profile > 1 else 'ws'}://{OLD}/ocpp"
        factory = {
            "NetworkConfiguration[0].OcppCsmsUrl": url,
            "NetworkConfiguration[0].SecurityProfile": security_profile,
            "SecurityCtrlr.SecurityProfile": security_profile,
            "OCPPCommCtrlr.RetryBackOffRandomRange": 0,
            **(variables or {}),
        }
        self.attempts: list[Attempt] = []
        super().__init__(version, variables=factory, **options)
        self._kind.update(security_profile=security_profile, tls=tls, variables=variables)
        self.network = MemoryNetwork(self.time.timers, 0.01)
        self.sites = {host: Site(host, self) for host in (OLD, NEW)}
        for host, site in self.sites.items():
            self.network.listen(host, site)
            self.network.listen(host, site, 443)
        base = LinkSettings(
            url=url,
            station_id=self.station.id,
            versions=(version,),
            security_profile=security_profile,
            password=PASSWORD if security_profile else None,
            tls=tls or TlsSettings(),
            proxy="none",
            ping_interval=lambda: float(self.station.get(provisioning.WEB_SOCKET_PING_INTERVAL)),
            back_off=self._back_off,
        )
        choice = LinkNetwork(base, self.timers, lambda: self.station.turn(self.station.network_profiles.attempt_failed))
        self.link_events: list[LinkEvent] = []

        def heard(event: LinkEvent) -> None:
            self.link_events.append(event)
            choice.heard(event)

        self.link = choice.link = Link(base, self.timers, self.network.dial, self._converse, heard)
        self.station.network_profiles.join(choice)

    def _back_off(self) -> BackOff:
        return BackOff(
            self.station.get(provisioning.RETRY_BACK_OFF_WAIT_MINIMUM),
            self.station.get(provisioning.RETRY_BACK_OFF_RANDOM_RANGE),
            self.station.get(provisioning.RETRY_BACK_OFF_REPEAT_TIMES),
        )

    def _converse(self, channel: Channel, version: str) -> Conversation:
        self.conversation = Conversation(self.station, self.outbox, load(version), channel.send)
        return self.conversation.open()

    def connect(self, version: str | None = None) -> None:
        """Have the station dial, as it does after its start."""
        assert version in (None, self.version)
        self.link.connect()
        self.run(0.2)

    def disconnect(self) -> None:
        """The power or the network goes."""
        self.link.cut()
        self.conversation = None

    def hosts(self) -> list[str]:
        """Where was dialled, and whether that went well."""
        return [f"{attempt.host}{'' if attempt.accepted else ' refused'}" for attempt in self.attempts]

    @property
    def connected_to(self) -> str | None:
        """The host that the station is connected to."""
        return next((host for host, site in self.sites.items() if site.connection is not None), None)
