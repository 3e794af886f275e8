"""The files that `config init` writes: every key is there, with its default where it is commented out."""

from typing import Final

_HEAD: Final = """\
# Configuration of a charging station. Check it with: chargepoint config validate FILE
# Every key can also come from the environment (CHARGEPOINT__CSMS__URL=…) or from --set csms.url=…

[station]
id = "CP001"                        # identity at the CSMS
vendor = "chargepoint"
model = "{model}"
# serial = "SN-0001"
# firmware_version = "1.0.0"        # default: the version of this program
# meter_type = "SDM630"
# meter_serial = "12345678"
# iccid = "89310410106543789301"    # of the modem's SIM card
# imsi = "310170845466094"

[csms]
url = "{url}"
# append_id = true                  # connect to URL/CP001
# versions = ["2.1", "2.0.1", "1.6"]
{security}
# ca_file = "csms-ca.pem"           # default: the CAs of this machine
# client_certificate = "station.pem"  # security profile 3
# client_key = "station.key"
# minimum_tls_version = "1.2"
# compression = false
# ping_interval_second = 60

"""

_PLAIN: Final = """\
# security_profile = 2              # 0 none, 1 password, 2 TLS and password, 3 TLS and client certificate
# password_file = "csms.password"   # the password itself never stands here
# password_env = "CHARGEPOINT_CSMS_PASSWORD\""""

_TLS: Final = """\
security_profile = 2                # 0 none, 1 password, 2 TLS and password, 3 TLS and client certificate
password_file = "csms.password"     # the password itself never stands here
# password_env = "CHARGEPOINT_CSMS_PASSWORD\""""

_SIMULATED: Final = """\
[[evse]]                            # EVSE 1; one [[evse]] for each, in the order of their ids
maximum_ampere = 32                 # what contactor, wiring and fuse carry, per phase
board = { driver = "simulated" }    # `chargepoint hal list` names the drivers and their options
meter = { driver = "simulated" }
lock = { driver = "simulated" }     # bolt of the only socket
# phases = 3
# voltage_volt = 230
# supply = "AC"

[[evse.connector]]
kind = "sType2"                     # s… is a socket, c… a tethered cable
# cable = "detachable"              # default: as the kind says
# cable_ampere = 32                 # of a tethered cable; default: maximum_ampere
# lock = { driver = "simulated" }   # where an EVSE has several sockets

[[evse]]                            # EVSE 2
maximum_ampere = 16
board = { driver = "simulated" }
meter = { driver = "simulated" }

[[evse.connector]]
kind = "cType2"

# [meter]                           # main meter of the station
# driver = "simulated"

[[reader]]
driver = "simulated"
# evse_ids = [1, 2]                 # default: all

[system]                            # the machine
driver = "simulated"

"""

_HARDWARE: Final = """\
[[evse]]                            # EVSE 1; one [[evse]] for each, in the order of their ids
maximum_ampere = 16                 # what contactor, wiring and fuse carry, per phase
phases = 3
# voltage_volt = 230
# supply = "AC"
# `chargepoint hal list` names the drivers and their options; `chargepoint hal probe FILE` tries them
meter = { driver = "modbus", map = "eastron_sdm630", port = "/dev/serial/by-id/usb-meter", device_id = 1 }
# lock = { driver = "gpio", lock = { line = "LOCK" }, unlock = { line = "UNLOCK" } }  # bolt of the only socket

[evse.board]
driver = "gpio"
relay = { line = "RELAY", chip = "gpiochip0" }          # closes the contactor
feedback = { line = "MIRROR", chip = "gpiochip0" }      # its mirror contact
vehicle = { line = "VEHICLE", chip = "gpiochip0" }      # active while a vehicle is connected
minimum_ampere = 6

[[evse.connector]]
kind = "cType2"                     # s… is a socket, c… a tethered cable
# cable = "fixed"                   # default: as the kind says
cable_ampere = 16                   # of a tethered cable; default: maximum_ampere
# lock = { driver = "none" }        # where an EVSE has several sockets

# [meter]                           # main meter of the station
# driver = "modbus"
# map = "eastron_sdm630"
# port = "/dev/serial/by-id/usb-meter"
# device_id = 2

[[reader]]
driver = "pn532"
port = "/dev/serial/by-id/usb-reader"
# evse_ids = [1]                    # default: all

[system]                            # the machine
driver = "linux"
reboot_command = ["systemctl", "reboot"]

"""

_TAIL: Final = """\
[behaviour]
# on_reset = "exit"                 # or "reboot": restart the machine, not only this process
# transactions_after_power_cut = "end"  # or "resume", when the vehicle is still there

[variables]                         # factory values; what the CSMS sets later wins
# HeartbeatInterval = 300                      # a 1.6 key …
# "SampledDataCtrlr.TxUpdatedInterval" = 30    # … or a 2.x variable; "…@1" = of EVSE 1 only

[control]
# listen = "unix:/run/chargepoint/control.sock"  # or "127.0.0.1:8887", or "off"
# token_file = "control.token"      # needed beyond loopback
# token_env = "CHARGEPOINT_CONTROL_TOKEN"

[log]
# level = "info"
# format = "text"                   # or "json"
# trace = "ocpp.jsonl"              # every OCPP frame
# trace_megabyte = 10
# unredacted = false                # true shows passwords, keys and tokens: laboratory only

[state]
# directory = "state"               # what survives a restart; default: the state directory of the service
# keep = "disk"                     # or "memory"

[simulation]
# seed = 0
# speed = 1                         # 60: a minute a second
"""

SIMULATED: Final = _HEAD.format(model="Simulated", url="ws://127.0.0.1:9000/ocpp", security=_PLAIN) + _SIMULATED + _TAIL
HARDWARE: Final = _HEAD.format(model="Wallbox", url="wss://csms.example/ocpp", security=_TLS) + _HARDWARE + _TAIL
