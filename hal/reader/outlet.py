"""Where every reader hands over: tokens become presentations, loss and return become one fault."""

import logging

from hal.contract import Emit, Fault, FaultCleared, FaultName, FaultRaised, Resources, TokenPresented
from hal.reader.debounce import Debounce
from hal.reader.token import TokenOptions, is_random_uid, token_value

__all__ = ["ReaderOutlet"]

log = logging.getLogger(__name__)


class ReaderOutlet:
    """Emits TokenPresented once per presentation, and READER_FAULT while the reader is lost.

    The fault belongs to the EVSE when the reader serves exactly one, to the station otherwise. Readers that share that place share the
    fault (it has no other key): it is raised with the first one lost and cleared when the last one is back.
    """

    def __init__(self, options: TokenOptions, resources: Resources, name: str) -> None:
        self._options = options
        self._time = resources.time
        self._name = name
        self._evse_id = options.evse_ids[0] if len(options.evse_ids) == 1 else 0
        self._lost: set[str] = resources.share(("lost readers", self._evse_id), set)
        self._debounce = Debounce(options.same_token_pause_second)
        self._emit: Emit | None = None

    def open(self, emit: Emit) -> None:
        """Hand over to `emit` from now on."""
        self._emit = emit

    def close(self) -> None:
        """Hand over nothing any more."""
        self._emit = None
        self._lost.discard(self._name)

    def uid_seen(self, uid: bytes) -> None:
        """A card is in the field; to be called at every sight."""
        if is_random_uid(uid):
            if self._options.random_uid == "ignore":
                return
            # A card that makes up a UID at every activation is still one card that stays.
            self._seen("random UID", token_value(uid, self._options))
        else:
            self._seen(uid, token_value(uid, self._options))

    def text_seen(self, text: str) -> None:
        """A code was typed, or a card was read whose value is no UID; passed on as it is, after the prefix."""
        self._seen(text, self._options.prefix + text)

    def _seen(self, token: str | bytes, value: str) -> None:
        if self._emit is not None and self._debounce.is_presentation(token, self._time.monotonic()):
            self._emit(TokenPresented(value=value, kind=self._options.kind, evse_ids=self._options.evse_ids))

    def lost(self, why: str) -> None:
        """The reader cannot be read."""
        if self._name in self._lost:
            return
        log.warning("%s: %s", self._name, why)
        first = not self._lost
        self._lost.add(self._name)
        if first and self._emit is not None:
            self._emit(FaultRaised(self._fault(f"{self._name}: {why}")))

    def back(self) -> None:
        """The reader works."""
        if self._name not in self._lost:
            return
        log.info("%s is back", self._name)
        self._lost.discard(self._name)
        if not self._lost and self._emit is not None:
            self._emit(FaultCleared(self._fault(f"{self._name} is back")))

    def _fault(self, message: str) -> Fault:
        return Fault(FaultName.READER_FAULT, evse_id=self._evse_id, message=message)
