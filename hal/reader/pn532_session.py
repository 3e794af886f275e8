"""The conversation with a PN532 without any I/O: bytes and the clock go in, bytes to send, events and one deadline come out.

    WAKE ──► FIRMWARE ──► RETRIES ──► POLL ⇄ FIELD_OFF
      ▲                                │
      └──── any step that fails ───────┘

Rule 1: one command at a time: command, ACK within 100 ms, answer within a second (UM0701-02 §6.2.2).
Rule 2: a step that fails sends everything back to WAKE, because a reader that lost its power has lost its configuration.
Rule 3: the reader works when it has answered a poll, and is lost when it has answered none for `silence_second`.
"""

from enum import Enum
from typing import Final, NamedTuple

from hal.reader.pn532_frame import ACK, NACK, WAKE_UP, Frame, FrameKind, FrameParser, encode_frame

__all__ = ["CardRemoved", "CardSeen", "Pn532Session", "ReaderLost", "ReaderReady", "SessionEvent"]

ACK_SECOND: Final = 0.1
ANSWER_SECOND: Final = 1.0
SENDINGS: Final = 3
"""How often a command without ACK, or an answer that came damaged, is asked for."""

RETRY_SECOND: Final = 0.5
"""The pause between attempts to get a silent reader going."""

_TO_CHIP, _FROM_CHIP, _SYNTAX_ERROR = 0xD4, 0xD5, 0x7F
_IC_PN532 = 0x32
_ABSENCES_OF_REMOVAL = 2  # a single miss is a card at the edge of the field


class Step(Enum):
    """Commands, with their parameters (UM0701-02 §7.2 and §7.3)."""

    WAKE = bytes((0x14, 0x01, 0x14, 0x01))  # SAMConfiguration: normal mode
    FIRMWARE = bytes((0x02,))  # GetFirmwareVersion
    # RFConfiguration, MaxRetries: a poll without a card is answered at once instead of never, which would look like a dead reader.
    RETRIES = bytes((0x32, 0x05, 0xFF, 0x01, 0x02))
    POLL = bytes((0x4A, 0x01, 0x00))  # InListPassiveTarget: one card, 106 kbit/s type A
    # RFConfiguration, RF field off: a card of ISO 14443-4 was activated by the poll and answers the next one only after a new start.
    FIELD_OFF = bytes((0x32, 0x01, 0x00))

    @property
    def answer_code(self) -> int:
        """The first byte of the answer."""
        return self.value[0] + 1


_NEXT: Final = {Step.WAKE: Step.FIRMWARE, Step.FIRMWARE: Step.RETRIES, Step.RETRIES: Step.POLL}


class CardSeen(NamedTuple):
    """A card is in the field: said at every poll. uid: 4, 7 or 10 bytes, first byte of the anticollision first."""

    uid: bytes


class CardRemoved(NamedTuple):
    """The card that was seen is gone."""


class ReaderReady(NamedTuple):
    """The reader has been set up and answers polls. firmware: as "1.6"."""

    firmware: str


class ReaderLost(NamedTuple):
    """The reader has not answered a poll for too long."""

    why: str


SessionEvent = CardSeen | CardRemoved | ReaderReady | ReaderLost


class Phase(Enum):
    """What the session waits for."""

    NOTHING = "nothing"  # no port
    ACK = "ack"
    ANSWER = "answer"
    REST = "rest"  # the next step is due at the deadline


class Pn532Session:
    """Sets a PN532 up, polls it for cards, and starts over whenever it does not do as told.

    deadline: when `timed_out` wants to be called (monotonic seconds), None = never.
    """

    def __init__(self, poll_interval_second: float, silence_second: float) -> None:
        self._poll_interval_second = poll_interval_second
        self._silence_second = silence_second
        self._parser = FrameParser()
        self._phase = Phase.NOTHING
        self._step = Step.WAKE
        self._sendings = 0
        self._alive_at = 0.0
        self._ready: bool | None = None
        self._firmware = ""
        self._card_present = False
        self._absences = 0
        self._to_send = bytearray()
        self._events: list[SessionEvent] = []
        self.deadline: float | None = None

    # --- in

    def connected(self, now: float) -> None:
        """The line to the reader is up."""
        self._parser.reset()
        self._to_send.clear()
        self._alive_at = now
        self._ready = None
        self._begin(Step.WAKE, now)

    def disconnected(self) -> None:
        """The line is gone; the next thing is `connected`."""
        self._phase = Phase.NOTHING
        self.deadline = None
        self._to_send.clear()
        self._forget_card()

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came from the reader."""
        if self._phase is not Phase.NOTHING:
            self._take(self._parser.feed(data), now)

    def timed_out(self, now: float) -> None:
        """The deadline is over."""
        if self.deadline is None or now < self.deadline:
            return
        if self._phase is Phase.REST:
            self._begin(self._step, now)
            return
        awaited = (self._step, self._phase)
        self._take(self._parser.give_up(), now)
        if (self._step, self._phase) != awaited:
            return  # noise had hidden the answer
        if self._phase is Phase.ACK and self._sendings < SENDINGS:
            self._send_command(now)
        else:
            self._fail("it does not answer", now)

    # --- out

    def data_to_send(self) -> bytes:
        """Bytes for the reader; each is given once."""
        data = bytes(self._to_send)
        self._to_send.clear()
        return data

    def events(self) -> list[SessionEvent]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    # --- commands

    def _begin(self, step: Step, now: float) -> None:
        self._step = step
        self._sendings = 0
        self._send_command(now)

    def _send_command(self, now: float) -> None:
        self._sendings += 1
        self._phase = Phase.ACK
        self.deadline = now + ACK_SECOND
        if self._step is Step.WAKE:
            self._to_send += WAKE_UP
        self._to_send += encode_frame(bytes((_TO_CHIP,)) + self._step.value)

    def _rest(self, step: Step, second: float, now: float) -> None:
        self._step = step
        self._phase = Phase.REST
        self.deadline = now + second

    def _fail(self, why: str, now: float) -> None:
        self._to_send += ACK  # aborts what the reader may still be doing (UM0701-02 §6.2.1.3)
        if now - self._alive_at >= self._silence_second and self._ready is not False:
            self._lose(why)
        if self._ready is False or self._step is Step.WAKE:
            self._rest(Step.WAKE, RETRY_SECOND, now)
        else:
            self._begin(Step.WAKE, now)

    def _lose(self, why: str) -> None:
        self._ready = False
        self._forget_card()
        self._events.append(ReaderLost(why))

    # --- frames

    def _take(self, frames: list[Frame], now: float) -> None:
        for frame in frames:
            if self._phase is Phase.REST:
                continue  # nothing was asked: a late answer to a command that was given up
            if frame.kind is FrameKind.ACK:
                if self._phase is Phase.ACK:
                    self._phase = Phase.ANSWER
                    self.deadline = now + ANSWER_SECOND
            elif frame.kind is FrameKind.NACK:
                self._repeat(b"", now)
            elif frame.kind is FrameKind.DAMAGED:
                if self._phase is Phase.ANSWER:
                    self._repeat(NACK, now)
            elif frame.data[0] == _SYNTAX_ERROR:
                self._fail("it does not understand", now)
            elif len(frame.data) >= 2 and frame.data[0] == _FROM_CHIP and frame.data[1] == self._step.answer_code:
                self._answered(frame.data[2:], now)

    def _repeat(self, asking: bytes, now: float) -> None:
        """Send the command again, or ask for the answer again."""
        if self._sendings >= SENDINGS:
            self._fail("its answers come damaged", now)
        elif asking:
            self._sendings += 1
            self._to_send += asking
            self.deadline = now + ANSWER_SECOND
        else:
            self._send_command(now)

    def _answered(self, data: bytes, now: float) -> None:
        if self._step is Step.FIRMWARE:
            if len(data) < 3 or data[0] != _IC_PN532:
                self._fail_as_stranger(now)
                return
            self._firmware = f"{data[1]}.{data[2]}"
        if self._step is Step.POLL:
            self._alive_at = now
            if self._ready is not True:
                self._ready = True
                self._events.append(ReaderReady(self._firmware))
            if self._card_listed(data):
                self._begin(Step.FIELD_OFF, now)
            else:
                self._rest(Step.POLL, self._poll_interval_second, now)
        elif self._step is Step.FIELD_OFF:
            self._rest(Step.POLL, self._poll_interval_second, now)
        else:
            self._begin(_NEXT[self._step], now)

    def _fail_as_stranger(self, now: float) -> None:
        if self._ready is not False:
            self._lose("it is no PN532")
        self._rest(Step.WAKE, self._silence_second, now)

    # --- cards

    def _card_listed(self, data: bytes) -> bool:
        """Take in an answer to POLL; True when the reader holds a card."""
        if not data or data[0] == 0:
            self._absences += 1
            if self._card_present and self._absences >= _ABSENCES_OF_REMOVAL:
                self._forget_card()
            return False
        # number of targets, target number, SENS_RES (2), SEL_RES, length of NFCID1, NFCID1, and an ATS for ISO 14443-4
        size = data[5] if len(data) > 5 else 0
        uid = data[6 : 6 + size]
        if size in {4, 7, 10} and len(uid) == size:
            self._absences = 0
            self._card_present = True
            self._events.append(CardSeen(uid))
        return True

    def _forget_card(self) -> None:
        self._absences = 0
        if self._card_present:
            self._card_present = False
            self._events.append(CardRemoved())
