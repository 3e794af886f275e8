"""Empty collections that everything idle shares: a fleet has thousands of stations in which nothing happens.

What is short and mostly empty is replaced instead of changed, so that the empty ones need not be there for each station.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

K = TypeVar("K")
V = TypeVar("V")

NO_MEMBERS: Final[frozenset[Any]] = frozenset()
NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})


def with_entry(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The mapping with this entry, which comes last where it is new."""
    return {**mapping, key: value}


def without(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    """The mapping without the entry of that key, if it has one."""
    if key not in mapping:
        return mapping
    return {other: value for other, value in mapping.items() if other != key} or NOTHING
