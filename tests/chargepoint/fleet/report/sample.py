"""A small run with known figures, and texts that mean no good."""

from chargepoint.config.load import load
from chargepoint.fleet.measure.snapshot import Gauges, Snapshot
from chargepoint.fleet.measure.tally import Tally
from chargepoint.fleet.plan import Endpoint, Group, Plan, Template
from chargepoint.fleet.report.incidents import Incidents
from chargepoint.fleet.report.report import Report
from chargepoint.fleet.report.timeline import Timeline
from chargepoint.link.errors import Reason
from chargepoint.station.facts import Failure, Refused

HOSTILE = "<script>alert('1')</script>\"&\x1b[31m\x00]]>\ud800{}%s"
NEEDED = ("station.id=A", "csms.url=ws://csms.example/ocpp")
BEGIN = 1_800_000_000.0


def plan(*levels: str, name: str = "evening") -> Plan:
    """Ten stations of two templates."""
    home, street = (
        Template(
            name=name,
            configuration=load(None, environ={}, settings=[*NEEDED, f'csms.versions=["{version}"]']).configuration,
        )
        for name, version in (("home", "1.6"), ("street", "2.0.1"))
    )
    return Plan(
        name=name,
        seed=7,
        templates=(home, street),
        groups=(
            Group(name="a", template=0, count=6),
            Group(name="b", template=1, count=3),
            Group(name="c", template=0, count=1),
        ),
        endpoints=(Endpoint(url="wss://user:geheim@csms.example.com/ocpp?token=geheim"), Endpoint(url=None)),
        service_levels=levels,
    )


def tally() -> Tally:
    """100 heartbeats of 10 to 1000 ms, waited for 5 ms more each; 4 transactions of which one failed."""
    tally = Tally()
    for n in range(1, 101):
        tally.sent("Heartbeat", 0.0, 0.005)
        tally.answered("Heartbeat", 0.0, 0.005, 0.005 + n * 0.01)
    for n in range(3):
        tally.sent("StartTransaction", 0.0, 0.0)
        tally.answered("StartTransaction", 0.0, 0.0, 0.1 * (n + 1))
    tally.sent("StartTransaction", 0.0, 0.0)
    tally.failed("StartTransaction", 0.0, 0.0, 30.0, Refused(Failure.REFUSED, HOSTILE))
    for n in range(10):
        tally.opened(0.02, None)
        tally.booted(0.5 + n / 10)
    tally.opened(0.02, 12.0)
    tally.unreachable(Reason.REFUSED)
    tally.lost(1006, HOSTILE)
    for _ in range(3):
        tally.cut()
    tally.received("Reset")
    tally.unsent("AuthorizationRequested", 0.0, 1.0)
    tally.late(0.002)
    return tally


GAUGES = Gauges(
    stations=10,
    on=10,
    connected=9,
    accepted=9,
    charging=4,
    transactions=3,
    queued=5,
    queue_longest=3,
    energy_watt_hour=12_345.0,
    power_watt=44_000.0,
    timers=60,
    resident_byte=300 << 20,
    cpu_second=12.5,
    processes=2,
    sessions={"begun": 4, "refused": 1},
)


def snapshot() -> Snapshot:
    """All that was counted."""
    return tally().snapshot(GAUGES)


def report(*levels: str, name: str = "evening", hostile: bool = False) -> Report:
    """The run: 40 s. hostile: with stations and a name that mean no good."""
    timeline = Timeline()
    timeline.add(20.0, Tally().snapshot(Gauges(stations=10, queue_longest=8)))
    timeline.add(40.0, snapshot())
    incidents = Incidents()
    incidents.add(HOSTILE if hostile else "the CSMS reset a station", HOSTILE if hostile else "CP00003", at_second=12.0)
    return Report.of(
        plan(*levels, name=HOSTILE if hostile else name),
        begin_wall=BEGIN,
        end_wall=BEGIN + 40.0,
        duration_second=40.0,
        timeline=timeline,
        total=snapshot(),
        incidents=incidents,
    )
