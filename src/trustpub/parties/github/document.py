"""What GitHub answered, read field by field: nothing is dropped, and a field of a wrong type is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from trustpub.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class Document:
    """One object of an answer. Every reader takes what stands for a missing field or null; without it the field must be there."""

    def __init__(self, place: str, fields: Mapping[str, object]) -> None:
        self.place = place
        self.fields = fields

    def __contains__(self, name: str) -> bool:
        return self.fields.get(name) is not None

    def text(self, name: str, missing: str | None = None) -> str:
        """A text."""
        return self._read(name, str, missing)

    def flag(self, name: str, missing: bool | None = None) -> bool:
        """True or false."""
        return self._read(name, bool, missing)

    def number(self, name: str, missing: int | None = None) -> int:
        """A whole number."""
        return self._read(name, int, missing)

    def id(self, name: str = "id", missing: str | None = None) -> str:
        """An id, as the text that claims have; GitHub writes numbers."""
        return str(self.number(name)) if name in self or missing is None else missing

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, empty when it is not there."""
        return tuple(self._expect(name, each, str) for each in self._list(name))

    def inner(self, name: str) -> Document:
        """An object; an empty one when it is not there."""
        found = self.fields.get(name)
        return Document(f"{self.place}.{name}", self._expect(name, {} if found is None else found, dict))

    def several(self, name: str) -> tuple[Document, ...]:
        """A list of objects, empty when it is not there."""
        return tuple(Document(f"{self.place}.{name}", self._expect(name, each, dict)) for each in self._list(name))

    def required(self, name: str) -> tuple[Document, ...]:
        """A list of objects that must be there: a list that is not told is no empty one."""
        if name not in self:
            raise self.puzzling(name)
        return self.several(name)

    def puzzling(self, name: str) -> Unreachable:
        """Say that a field is not what GitHub's own description of it allows."""
        return Unreachable(
            f"`{name}` in {self.place}",
            why="it is not of the kind that GitHub describes",
            next_step="Try again; if it stays so, upgrade trustpub",
        )

    def _list(self, name: str) -> list[object]:
        found = self.fields.get(name)
        return self._expect(name, [] if found is None else found, list)

    def _read(self, name: str, kind: type[T], missing: T | None) -> T:
        found = self.fields.get(name)
        if found is None and missing is not None:
            return missing
        return self._expect(name, found, kind)

    def _expect(self, name: str, found: object, kind: type[T]) -> T:
        # `True` is a number to Python, and never to GitHub.
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            raise self.puzzling(name)
        return found
