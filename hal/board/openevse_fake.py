"""An OpenEVSE controller that speaks RAPI on a pseudo terminal.

Differs from hardware: pilot, relay and vehicle are three words, the relay moves at once, and nothing heats up or leaks by itself.
"""

import os

from hal.board.rapi import EvseState, Flag, RapiMessage, RapiParser, encode_rapi
from hal.sim.readers import PtyDevice

__all__ = ["PtyOpenEvse"]


class PtyOpenEvse(PtyDevice):
    """vehicle: A, B or C. mode: enabled (None), SLEEPING or DISABLED. ampere: what it offers. commands: all that it was told."""

    def __init__(self, link: str | os.PathLike[str], *, maximum_ampere: int = 32) -> None:
        super().__init__(link)
        self.vehicle = EvseState.A
        self.mode: EvseState | None = None
        self.fault: EvseState | None = None
        self.relay_closed = False
        self.ampere = maximum_ampere
        self.commands: list[str] = []
        self.missed_pulse = False
        self._maximum_ampere = maximum_ampere
        self._parser = RapiParser()
        self._muted = False
        self._stuck = False

    # --- what happens to it

    def connect(self, vehicle: EvseState) -> None:
        """Let a vehicle come (B), ask for power (C), or leave (A)."""
        self.vehicle = vehicle
        self._settle()

    def fail(self, fault: EvseState | None) -> None:
        """Let a fault come, or go (None)."""
        self.fault = fault
        self._settle()

    def weld(self) -> None:
        """Let the relay stay closed from now on."""
        self._stuck = self.relay_closed = True

    def boot(self) -> None:
        """Start anew, as after a loss of power: enabled, with the full current."""
        self.mode = self.fault = None
        self.ampere = self._maximum_ampere
        self.say("AB 00 8.2.1")
        self._settle()

    def mute(self) -> None:
        """Fall silent."""
        self._muted = True

    def unmute(self) -> None:
        """Answer again."""
        self._muted = False

    # --- its firmware

    @property
    def state(self) -> EvseState:
        """evsestate."""
        return self.fault or self.mode or self.vehicle

    def received(self, data: bytes) -> None:
        """Obey commands."""
        for message in self._parser.feed(data):
            self.commands.append(" ".join((message.word, *message.parameters)))
            if not self._muted:
                self._obey(message)

    def say(self, text: str) -> None:
        """Send a line."""
        if not self._muted:
            self.send(encode_rapi(text))

    def _obey(self, message: RapiMessage) -> None:
        match message.word, *message.parameters:
            case ["GS"]:
                self.say(f"OK {self.state.value:02x} 12 {self.vehicle.value:02x} {self._flags():04x}")
            case ["FE"]:
                self._switch(None)
            case ["FS"]:
                self._switch(EvseState.SLEEPING)
            case ["FD"]:
                self._switch(EvseState.DISABLED)
            case ["SC", ampere, "V"] if 6 <= int(ampere) <= self._maximum_ampere:
                self.ampere = int(ampere)
                self.say(f"OK {ampere}")
            case ["SY"] if self.missed_pulse:
                self.say("NK 30 6 2")
            case ["SY", "165"]:
                self.missed_pulse = False
                self.say("OK 30 6 0")
            case ["SY", *_]:
                self.say("OK 30 6 0")
            case _:
                self.say("NK")

    def _switch(self, mode: EvseState | None) -> None:
        self.mode = mode
        self.say("OK")
        self._settle()

    def _settle(self) -> None:
        self.relay_closed = self._stuck or self.state is EvseState.C
        self.say(f"AT {self.state.value:02x} {self.vehicle.value:02x} {self.ampere} {self._flags():04x}")

    def _flags(self) -> int:
        return Flag.RELAY_CLOSED if self.relay_closed else 0
