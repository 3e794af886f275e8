"""Exit codes: what a script or a service manager can rely on."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from chargepoint.api.agent import StartFailure


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0  # done; also after SIGINT and SIGTERM, and after a Reset that the CSMS asked for
    FAILED = 1  # a session went wrong, a station refused, or it cannot go on
    USAGE = 2  # the command line or the configuration is wrong
    HARDWARE = 3  # a device, a port or a library is missing, or another program holds it
    STATE = 4  # the state directory cannot be used
    LINK = 5  # the way to the CSMS is configured wrongly (certificate, key, password file)
    CONTROL = 6  # the control API cannot listen, or nothing answers there
    MISSED = 7  # a fleet ran to its end, and a service level was missed
    INTERNAL = 70  # a defect of this program; the traceback is on standard error
    INTERRUPTED = 130  # SIGINT in a command that is no service
    POWER_CUT = 137  # the verb cut-power, as SIGKILL would


EXIT_OF: Final[Mapping[StartFailure, Exit]] = {
    StartFailure.CONFIGURATION: Exit.USAGE,
    StartFailure.HARDWARE: Exit.HARDWARE,
    StartFailure.STATE: Exit.STATE,
    StartFailure.LINK: Exit.LINK,
}
