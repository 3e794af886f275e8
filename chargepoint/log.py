"""The log: one line an event, for people or as JSON, without secrets.

Anything given as `extra` to a log call becomes a field: `log.info("connected", extra={"url": url})`.
"""

import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

import msgspec

from chargepoint.redaction import HIDDEN, is_secret_name, masked, redacted, redacted_text

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_TOKEN_NAMES: Final = frozenset(("token", "id_token", "id_tag", "idToken", "idTag"))
_QUIET: Final = ("websockets", "asyncio", "pymodbus", "aiohttp")
_COLOURS: Final = {logging.ERROR: "\x1b[31m", logging.WARNING: "\x1b[33m", logging.DEBUG: "\x1b[2m"}


def configure(
    *,
    level: str = "info",
    form: Literal["text", "json"] = "text",
    stream: TextIO | None = None,
    unredacted: bool = False,
    colours: bool = False,
) -> logging.Handler:
    """Send every log line to `stream` (standard error). Libraries speak only when they warn, unless `level` is debug.

    unredacted: write secrets and tokens in full. colours: of the level, for terminals.
    """
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    formatter: logging.Formatter = JsonFormatter() if form == "json" else TextFormatter(colours=colours)
    handler.setFormatter(formatter if unredacted else Redacting(formatter))
    root = logging.getLogger()
    for present in tuple(root.handlers):
        root.removeHandler(present)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET if level == "debug" else logging.WARNING)
    return handler


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What was given as `extra`."""
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class TextFormatter(logging.Formatter):
    """`2026-11-22T13:00:00.123Z INFO link: connected url=ws://…`, always one line."""

    def __init__(self, *, colours: bool = False) -> None:
        super().__init__()
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        parts = [_timestamp(record), record.levelname, f"{_short_name(record)}:", record.getMessage()]
        parts.extend(f"{name}={_text(value)}" for name, value in fields_of(record).items())
        if record.exc_info:
            parts.append(self.formatException(record.exc_info))
        line = " ".join(parts).replace("\r", "\\r").replace("\n", "\\n")
        colour = _COLOURS.get(record.levelno) if self._colours else None
        return f"{colour}{line}\x1b[0m" if colour else line


class JsonFormatter(logging.Formatter):
    """`{"time":…,"level":"info","logger":"link","message":"connected","url":"ws://…"}`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return msgspec.json.encode(self.line(record), enc_hook=str).decode()

    def line(self, record: logging.LogRecord) -> dict[str, Any]:
        """The line before it is written."""
        line: dict[str, Any] = {
            "time": _timestamp(record),
            "level": record.levelname.lower(),
            "logger": _short_name(record),
            "message": record.getMessage(),
        }
        for name, value in fields_of(record).items():
            line[f"{name}_" if name in line else name] = value
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return line


class Redacting(logging.Formatter):
    """Another formatter's line without secrets and whole tokens."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        record = _with_masked_fields(record)
        if not isinstance(self._inner, JsonFormatter):
            return redacted_text(self._inner.format(record))
        # value by value: in the written line, an escape such as \n would be part of what looks like a secret
        line = msgspec.json.decode(msgspec.json.encode(self._inner.line(record), enc_hook=str))
        return msgspec.json.encode(redacted(line)).decode()


def _with_masked_fields(record: logging.LogRecord) -> logging.LogRecord:
    fields = fields_of(record)
    if not any(name in _TOKEN_NAMES or is_secret_name(name) for name in fields):
        return record
    record = logging.makeLogRecord(vars(record))
    for name, value in fields.items():
        if name in _TOKEN_NAMES:
            setattr(record, name, masked(value) if isinstance(value, str) else str(value))
        elif is_secret_name(name):
            setattr(record, name, HIDDEN)
    return record


def safe_name(name: str) -> str:
    """The name under which a value may be given as `extra`: `logging` keeps some for itself (name, args …)."""
    return f"{name}_" if name in _STANDARD else name


def _short_name(record: logging.LogRecord) -> str:
    return record.name.removeprefix("chargepoint.")


def _timestamp(record: logging.LogRecord) -> str:
    return timestamp(record.created)


def timestamp(second: float | None = None) -> str:
    """RFC 3339 with milliseconds, UTC; by default now."""
    moment = datetime.fromtimestamp(time.time() if second is None else second, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _text(value: Any) -> str:
    text = str(value)
    return (
        text
        if text and not any(character.isspace() or character in '"=' for character in text)
        else msgspec.json.encode(text).decode()
    )
