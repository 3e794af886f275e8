"""Commands: what the CSMS asks of the station, in no OCPP version's words.

Each functional block declares its commands in `profiles/<block>/commands.py`, and its services take them up (`station.service`).
"""

from collections.abc import Callable
from typing import Any

import msgspec

Respond = Callable[[Any], None]
"""Takes the result that the dialect's mapping turns into the response; must be called exactly once, now or later."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all commands. The result type is named in the docstring of each."""


class CommandError(Exception):
    """The command cannot be answered by a result: the CSMS gets a CALLERROR.

    code: an OCPP-J error code (PropertyConstraintViolation, NotSupported, InternalError …). description: for the operator.
    """

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Unanswered(Exception):  # noqa: N818 - no error: it is what the specification wants
    """The command is neither carried out nor answered."""


class Result(msgspec.Struct, frozen=True):
    """The plain outcome of a command: a status and, where the version can carry it, why (2.x StatusInfoType).

    reason_code: ≤ 20 characters. additional_info: a sentence for the operator.
    """

    status: str
    reason_code: str = ""
    additional_info: str = ""
