"""The file that `fleet init` writes."""

from typing import Final

STARTER: Final = """\
# A fleet of simulated charging stations. Check it with: chargepoint fleet check FILE
# Every key can also be set with --set, for example --set group.1.count=5000 or --set template.home.evse.1.maximum_ampere=16
# All keys: docs/fleet.md, or `chargepoint fleet schema` for your editor.

[fleet]
name = "fleet"
seed = 1                            # the same seed gives the same fleet, arrivals and faults
# source_addresses = ["127.0.0.2", "127.0.1.0/28"]  # one local address has about 28,000 ports

[time]
duration = "10min"                  # 600, "8h", "1h30m"; without it the fleet runs until it is stopped
# speed = 60                        # a minute in a second
# kind = "virtual"                  # as fast as the machine can; the CSMS must be embedded
# start = 2025-01-06T06:00:00Z      # the fleet's clock at the beginning, in accelerated and virtual time

[[csms]]
url = "ws://127.0.0.1:9000/ocpp"    # stations add /IDENTITY
# embedded = true                   # instead of a URL: the CSMS of this program, in memory
# name = "main"                     # what groups call it
# weight = 1                        # its share of the stations, relative to the others
# ca_file = "ca.pem"                # for wss://

[template.base]                     # what the stations have in common; hardware is simulated
csms.versions = ["1.6"]

[template.base.variables]           # 1.6 keys or 2.x variables
HeartbeatInterval = 300

[template.base.sessions.arrivals]   # who comes, and when
per_day = 6
day = "public"

[template.home]
extends = "base"                    # what is not said here is as in base
station.model = "Home 16"

[[template.home.evse]]              # EVSE 1
maximum_ampere = 16
[[template.home.evse.connector]]
kind = "sType2"                     # s… is a socket, c… a tethered cable

[template.hub]
extends = "base"
csms.versions = ["2.0.1"]           # the preferred version first

[[template.hub.evse]]               # EVSE 1, and below EVSE 2
[[template.hub.evse]]

[[group]]
template = "home"
count = 80
id = "HOME{n:05d}"                  # {n}, {group}, {template}
# password = "secret-{id}"          # security profile 1 with ws://, 2 with wss://
# credentials_file = "stations.csv" # instead: id,password,client_certificate,client_key

[[group]]
template = "hub"
count = 20
id = "HUB{n:04d}"
# csms = ["main"]                   # default: all, by weight

[[load]]
shape = "ramp"                      # switched on evenly
over_second = 60

# [[load]]
# shape = "reconnect-storm"         # half of them lose the network for half a minute
# at_second = 300
# share = 0.5

# [[fault]]
# fault = "link-drop"               # now and then, one or the other loses it for a while
# every_second = 3600
# for_second = 20

[report]
# service_levels = ["p99.StartTransaction < 2s", "errors < 0.1%"]  # missed = exit code 7
# html = "report.html"
# junit = "report.xml"
# prometheus = "127.0.0.1:9090"
"""
