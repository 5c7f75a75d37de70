"""A bounded cache: the least recently used goes first. For one thread."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Cache(Generic[Key, Value]):
    """Holds values up to a total weight, which the caller counts in bytes (or in entries: weight 1 each).

    A value that alone weighs more than a quarter of the limit is not kept: one giant would push out everything else.
    """

    __slots__ = ("_held", "_limit", "weight")

    def __init__(self, limit: int) -> None:
        self._held: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._limit = limit
        self.weight = 0

    def get(self, key: Key) -> Value | None:
        """The value, which is the most recently used from now on."""
        found = self._held.get(key)
        if found is None:
            return None
        self._held.move_to_end(key)
        return found[0]

    def put(self, key: Key, value: Value, weight: int = 1) -> None:
        """Keep the value in the place of an older one."""
        self.drop(key)
        if weight * 4 > self._limit:
            return
        self._held[key] = (value, weight)
        self.weight += weight
        while self.weight > self._limit:
            _, (_, gone) = self._held.popitem(last=False)
            self.weight -= gone

    def drop(self, key: Key) -> None:
        """Forget the value, if there is one."""
        found = self._held.pop(key, None)
        if found is not None:
            self.weight -= found[1]

    def __len__(self) -> int:
        return len(self._held)
