"""Serial readers that send text by themselves, one frame per card or code: RDM6300, ID-12, Wiegand converters, key pads."""

import logging
import re
from typing import Literal

from hal.contract import Emit, HardwareError, HardwareErrorReason, Resources
from hal.reader.framing import Framing, LineFraming, StxEtxFraming, em4100_uid
from hal.reader.outlet import ReaderOutlet
from hal.reader.token import TokenOptions
from hal.serial_port import SerialPort, SerialSettings

__all__ = ["LineReader"]

log = logging.getLogger(__name__)

_LONGEST_UID_BYTES = 16  # 32 characters: what an OCPP 2.x idToken (36) takes with a short prefix


class LineReader:
    """Presents the tokens that a serial device sends by itself.

    A key pad is a line reader with `kind="KeyCode"`, `uid_encoding="text"` and, say, `terminator="#"`.
    READER_FAULT is raised while the port is away; a silent device is a device without a card, which cannot be told from a dead one.
    """

    class Options(TokenOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """How the device frames and writes its tokens.

        framing: `line`; `stx_etx` = text between the bytes 02 and 03; `em4100` = the same with ten hexadecimal digits and a check sum
        (RDM6300, RDM630, ID-12, ID-20; `pattern` and `uid_encoding` do not apply).
        terminator: of a line; None = CR, LF or both.
        pattern: a regular expression that finds the token in a frame: its group `uid`, else its first group, else all of it.
        uid_encoding: what the pattern found: `hex` (separators : - and blanks allowed), `decimal`, or `text`, which is passed on as it is.
        """

        port: str
        baud_rate: int = 9600
        data_bits: Literal[7, 8] = 8
        parity: Literal["none", "even", "odd"] = "none"
        stop_bits: Literal[1, 2] = 1
        framing: Literal["line", "stx_etx", "em4100"] = "line"
        terminator: str | None = None
        encoding: Literal["ascii", "utf-8", "latin-1"] = "ascii"
        pattern: str = r"^\s*(\S.*?)\s*$"
        uid_encoding: Literal["hex", "decimal", "text"] = "hex"

    def __init__(self, options: Options, resources: Resources) -> None:
        """Raises: HardwareError BAD_OPTION for a pattern that is no regular expression or an empty terminator."""
        self._options = options
        try:
            self._pattern = re.compile(options.pattern)
        except re.error as error:
            raise HardwareError(
                HardwareErrorReason.BAD_OPTION, f"pattern {options.pattern!r} is no regular expression: {error}"
            ) from error
        self._framing = _framing(options)
        name = f"reader at {options.port}"
        self._outlet = ReaderOutlet(options, resources, name)
        settings = SerialSettings(
            port=options.port,
            baud_rate=options.baud_rate,
            data_bits=options.data_bits,
            parity=options.parity,
            stop_bits=options.stop_bits,
        )
        self._port = SerialPort(settings, resources, name, self)

    async def open(self, emit: Emit) -> None:
        """Start reading; a port that is absent raises READER_FAULT and is opened when it appears.

        Raises: HardwareError BUSY, BAD_OPTION.
        """
        self._outlet.open(emit)
        try:
            self._port.open()
        except HardwareError:
            self._outlet.close()
            raise

    async def close(self) -> None:
        """Release the port."""
        self._port.close()
        self._outlet.close()

    # --- what the port says

    def port_opened(self) -> None:
        """Begin with a whole frame."""
        self._framing.reset()
        self._outlet.back()

    def port_lost(self, error: HardwareError) -> None:
        """Nothing can be read."""
        self._outlet.lost(str(error))

    def port_received(self, data: bytes) -> None:
        """Present what the bytes complete."""
        for frame in self._framing.feed(data):
            if self._options.framing == "em4100":
                self._uid_read(em4100_uid(frame))
            else:
                self._text_read(frame)

    def _text_read(self, frame: bytes) -> None:
        found = self._pattern.search(frame.decode(self._options.encoding, errors="replace"))
        if found is None:
            log.debug("%s: %d bytes do not match the pattern", self._options.port, len(frame))
            return
        text = found["uid"] if "uid" in self._pattern.groupindex else found[1] if self._pattern.groups else found[0]
        if self._options.uid_encoding != "text":
            self._uid_read(_uid(text or "", self._options.uid_encoding))
        elif text:
            self._outlet.text_seen(text)

    def _uid_read(self, uid: bytes | None) -> None:
        if uid is None:
            log.debug("%s: something was read that is no UID", self._options.port)
        else:
            self._outlet.uid_seen(uid)


def _framing(options: LineReader.Options) -> Framing:
    if options.framing != "line":
        return StxEtxFraming()
    if options.terminator is None:
        return LineFraming()
    if not options.terminator:
        raise HardwareError(
            HardwareErrorReason.BAD_OPTION, "terminator must not be empty; leave it out for CR, LF or both"
        )
    return LineFraming(options.terminator.encode(options.encoding))


def _uid(text: str, encoding: Literal["hex", "decimal"]) -> bytes | None:
    if encoding == "hex":
        digits = re.sub(r"[:\-\s]", "", text)
        if not re.fullmatch(r"[0-9A-Fa-f]+", digits):
            return None
        uid = bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2))  # a leading zero that the device swallowed
        return uid if len(uid) <= _LONGEST_UID_BYTES else None
    if not re.fullmatch(r"[0-9]{1,24}", text):
        return None
    number = int(text)  # 24 digits are ten bytes
    return number.to_bytes(max(4, (number.bit_length() + 7) // 8))
