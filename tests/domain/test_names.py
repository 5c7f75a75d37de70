"""Names of projects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from trustpub.domain.names import normalize, project_name_problem, ultranormalize


@given(st.text(alphabet="aB-_.9", min_size=1, max_size=20))
def test_normalize_is_the_standards(name: str) -> None:
    """The same as the reference implementation of PEP 503, and the same again when applied twice."""
    assert str(canonicalize_name(name)) == str(normalize(name)) == str(normalize(normalize(name)))


@pytest.mark.parametrize(
    ("one", "other"),
    [("dem0pkg", "demo-pkg"), ("l1I-i", "1111"), ("O_o.0", "000"), ("Foo.Bar", "f00bar"), ("pillow", "pi11ow")],
)
def test_names_that_look_alike_share_a_key(one: str, other: str) -> None:
    """Separators drop out, `l` and `i` look like 1, `o` looks like 0."""
    assert ultranormalize(one) == ultranormalize(other)


def test_names_that_do_not_look_alike_do_not() -> None:
    """A letter more is another name."""
    assert ultranormalize("orchay") != ultranormalize("orchay2")


@pytest.mark.parametrize("name", ["a", "0", "orchay", "Orchay-2", "a.b_c-d", "a..b", "0x"])
def test_ordinary_names_are_no_problem(name: str) -> None:
    """Letters and digits at the ends, separators between."""
    assert None is project_name_problem(name)


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "_a", "a.", "a b", "a\n", "a/b", "\u00e9", "\u212ait", "\u017f", "a\u0660", "a:b", "*"]
)
def test_other_text_is_no_name(name: str) -> None:
    """ASCII only, whole text: no final newline, no look-alike that ignores case."""
    assert "Invalid project name" == project_name_problem(name)


@pytest.mark.parametrize("name", ["json", "JSON", "asyncio", "Importlib", "email", "unittest", "abc"])
def test_modules_of_the_standard_library_are_taken(name: str) -> None:
    """In any spelling."""
    expected = "This project name isn't allowed (conflict with the Python standard library module name)"

    assert expected == project_name_problem(name)
