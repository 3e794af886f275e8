"""Forms: JSON of a message that is sent again and again with other values in the same places, encoded and checked once.

What is filled in must be as JSON has it, and of the kind of the value that stood there when the form was checked.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from .base import Message, Written, decode_extension

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_T = TypeVar("_T")
_LIMIT = 256
_PLACE = "\0"
"""Which JSON never holds as it is."""


class Form(NamedTuple):
    """texts: what does not change, in pieces, and between two of them an empty text for each value, in the order in which they stand."""

    kind: type[Message]
    texts: list[str]

    def fill(self, values: Sequence[str]) -> Written:
        """The message with these values."""
        texts = self.texts.copy()
        texts[1::2] = values
        return Written(self.kind, "".join(texts).encode())


def form_of(message: Message, marks: Mapping[str, str]) -> Form | None:
    """The form of a message; None = it is not valid, and whoever encodes it with checks will hear why.

    marks: JSON that stands for a value → what takes its place, a %s and maybe quotes.
    """
    kind = type(message)
    raw = msgspec.json.encode(message)
    try:
        msgspec.json.decode(raw, type=kind, dec_hook=decode_extension)
    except msgspec.ValidationError:
        return None
    text = raw.decode()
    for mark, place in marks.items():
        text = text.replace(mark, place.replace("%s", _PLACE))
    pieces = text.split(_PLACE)
    texts = [""] * (2 * len(pieces) - 1)
    texts[::2] = pieces
    return Form(kind, texts)


class Forms(Generic[_T]):
    """Forms by what they are made for, the latest few of them. make: the form for a subject; None = there is none."""

    __slots__ = ("_by_identity", "_by_value", "_make")

    def __init__(self, make: Callable[[_T, Any], Form | None]) -> None:
        self._make = make
        # Hashing a subject takes longer than all else. This holds the subjects, so that no others can get their identities.
        self._by_identity: dict[int, tuple[_T, Form | None]] = {}
        self._by_value: OrderedDict[_T, Form | None] = OrderedDict()

    def of(self, subject: _T, context: Any) -> Form | None:
        """The form for a subject. context: for `make`, where there is none yet; the form must be the same in any."""
        known = self._by_identity.get(id(subject))
        if known is not None:
            return known[1]
        if subject not in self._by_value:
            self._by_value[subject] = self._make(subject, context)
            if len(self._by_value) > _LIMIT:
                self._by_value.popitem(last=False)
        form = self._by_value[subject]
        if len(self._by_identity) >= _LIMIT:
            self._by_identity.clear()
        self._by_identity[id(subject)] = subject, form
        return form
