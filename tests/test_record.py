"""Our named tuples behave as `typing.NamedTuple` does."""

from __future__ import annotations

import copy
import pickle
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.record import NamedTuple


class Ours(NamedTuple):
    """A record."""

    name: str
    size: int = 3
    tags: tuple[str, ...] = ()

    @property
    def double(self) -> int:
        """Twice the size."""
        return 2 * self.size

    @classmethod
    def of(cls, name: str) -> Ours:
        """Make one."""
        return cls(name)


class Theirs(typing.NamedTuple):
    """A record."""

    name: str
    size: int = 3
    tags: tuple[str, ...] = ()


class Below(Ours):
    """A class below a record."""

    __slots__ = ()


class NotYetMade(NamedTuple):
    """A record of which no value was made."""

    one: int


VALUES = st.tuples(st.text(), st.integers(), st.tuples(st.text()))


@given(VALUES, VALUES)
def test_values_behave_alike(one: tuple[str, int, tuple[str]], other: tuple[str, int, tuple[str]]) -> None:
    """Equality, order, hash, repr, fields, copies and pickles are those of typing's."""
    ours, theirs = Ours(*one), Theirs(*one)

    assert [*ours] == [*theirs]
    assert hash(ours) == hash(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours._asdict() == theirs._asdict()
    assert (ours < Ours(*other)) == (theirs < Theirs(*other))
    assert [*ours._replace(name=other[0])] == [*theirs._replace(name=other[0])]
    for twin in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours)), Ours._make(one)):
        assert (twin, type(twin)) == (ours, Ours)


def test_the_class_behaves_alike() -> None:
    """Fields, defaults, annotations and the class's own words."""
    for name in ("_fields", "_field_defaults", "__match_args__", "__slots__", "__doc__", "__mro__"):
        ours, theirs = getattr(Ours, name), getattr(Theirs, name)
        assert (ours[1:] if name == "__mro__" else ours) == (theirs[1:] if name == "__mro__" else theirs)
    assert list(Ours.__annotations__) == list(Theirs.__annotations__)


def test_arguments() -> None:
    """Positions, names and defaults, before and after the first value."""
    assert NotYetMade(one=1) == NotYetMade(1) == (1,)
    assert Ours("a") == Ours(name="a", size=3) == ("a", 3, ())
    assert Ours("a").double == 6
    assert Ours.of("a") == Ours("a")


@pytest.mark.parametrize("words", [{}, {"nam": "x"}, {"name": "x", "other": 1}], ids=str)
def test_wrong_arguments(words: dict[str, object]) -> None:
    """Missing and unknown ones are refused."""
    for each in (Ours, Theirs):
        with pytest.raises(TypeError):
            each(**words)  # type: ignore[arg-type]


def test_wrong_changes() -> None:
    """A field that does not exist cannot be replaced, and none can be set."""
    with pytest.raises(ValueError, match="unexpected field names"):
        Ours("a")._replace(nam="b")  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Ours("a").name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Ours("a").other = "b"  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        Ours._make(["a"])


def test_subclasses() -> None:
    """A class below makes values of itself, whichever class made the first value."""
    assert type(Below("a")) is Below
    assert type(Below("a")._replace(size=1)) is Below
    assert type(Ours("a")) is Ours


def test_matching() -> None:
    """Patterns take the fields in order."""
    match Ours("a", 4):
        case Ours(name, size):
            assert (name, size) == ("a", 4)
        case _:
            pytest.fail("it did not match")
