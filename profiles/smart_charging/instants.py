"""Times of charging profiles: whole seconds since 1970 UTC, the same in all versions."""

from chargepoint.station.command import CommandError
from chargepoint.wire import timestamp


def whole_second(text: str | None, name: str) -> int | None:
    """The nearest second of a time. Raises: CommandError: it is none."""
    if text is None:
        return None
    try:
        return round(timestamp.parse(text))
    except ValueError as error:
        raise CommandError("PropertyConstraintViolation", f"{name} is no date and time") from error


def text_of(second: int | None) -> str | None:
    """The second as a message writes it."""
    return timestamp.format(second, milliseconds=False) if second is not None else None
