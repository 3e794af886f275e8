"""What can be wrong with a configuration, and where a value came from."""

from enum import Enum

import msgspec

Place = tuple[str | int, ...]
"""Where a value stands: keys, and indices counted from 0."""


class Layer(Enum):
    """The layers of a configuration; a later one overrides an earlier one."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    OPTION = "option"


class Origin(msgspec.Struct, frozen=True):
    """Who set a value. text: `station.toml:12`, `CHARGEPOINT_CSMS_URL`, `--set`, `default`."""

    layer: Layer
    text: str


DEFAULT = Origin(Layer.DEFAULT, "default")


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong. origin: None when nothing stands where something should."""

    sentence: str
    origin: Origin | None = None

    def __str__(self) -> str:
        if self.origin is None or self.origin.layer is Layer.DEFAULT:
            return self.sentence
        return f"{self.origin.text}: {self.sentence}"


class ConfigurationError(Exception):
    """The configuration cannot be used; `problems` in the order in which they were found, at least one."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def written(place: Place) -> str:
    """A place as `--set` takes it: indices count from 1, odd keys are quoted."""
    parts = []
    for part in place:
        if isinstance(part, int):
            parts.append(str(part + 1))
        elif part and all(character.isalnum() or character in "_-" for character in part):
            parts.append(part)
        else:
            parts.append('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return ".".join(parts)


def nearest(word: str, words: list[str]) -> str | None:
    """The word that was probably meant."""
    from difflib import get_close_matches

    folded = {candidate.casefold(): candidate for candidate in words}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=0.5)
    return folded[found[0]] if found else None


_SECRETS = ("password", "passphrase", "authorization_key", "token", "secret")


def unknown_key(place: Place, key: str, valid: list[str], elsewhere: str | None = None) -> tuple[str, str | None]:
    """The sentence on a key that does not exist, and the key that was probably meant. elsewhere: the table that has such a key."""
    whole = written((*place, key))
    folded = key.casefold().replace("-", "_")
    if folded in _SECRETS and (references := [name for name in valid if name.startswith(folded + "_")]):
        return f"unknown key {whole}; a secret stands in a file or the environment: use {' or '.join(references)}", None
    near = nearest(folded, valid)
    if near is not None:
        return f"unknown key {whole}; did you mean {near}?", near
    if elsewhere is not None:
        return f"unknown key {whole}; {key} belongs in [{elsewhere}]", None
    known = ", ".join(valid)
    return f"unknown key {whole}; {f'the keys here are {known}' if known else 'there are no keys here'}", None
