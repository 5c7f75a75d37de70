"""Core metadata: read in one way only, and checked in PyPI's words."""

from __future__ import annotations

from email import message_from_string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.core_metadata import CoreMetadata, Problem, Rules, first_problem, problems, read

HEAD = b"Metadata-Version: 2.4\nName: tiny-demo\nVersion: 1.0\n"
PYPI = Rules()


def good(data: bytes) -> CoreMetadata:
    """Read what can be read."""
    found = read(data)
    assert isinstance(found, CoreMetadata)
    return found


def checked(line: str, rules: Rules = PYPI) -> list[str]:
    """The problems of the good metadata with one further line."""
    return [problem.message for problem in problems(good(HEAD + line.encode() + b"\n"), rules)]


def test_fields_and_description() -> None:
    """Names in any case, values trimmed, continuations kept, the body behind the blank line."""
    found = good(HEAD + b"SUMMARY:  tiny \t\nLicense: one\n  two\nClassifier: A\nClassifier: B\n\nHello: not a field\n")

    assert found.one("summary") == "tiny"
    assert found.one("license") == "one\n  two"
    assert found.all("classifier") == ("A", "B")
    assert found.one("nothing") == ""
    assert found.description == "Hello: not a field\n"


def test_line_ends_of_windows() -> None:
    """A carriage return before a line feed is part of the line's end."""
    found = good(HEAD.replace(b"\n", b"\r\n") + b"\r\nbody")

    assert (found.one("version"), found.description) == ("1.0", "body")


def test_the_description_as_a_field() -> None:
    """Old tools write it among the fields."""
    assert good(HEAD + b"Description: Hello\n        |more\n").description == "Hello\n        |more"


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "not UTF-8": (HEAD + b"Summary: \xe9\n", "it is not UTF-8"),
    "NUL": (HEAD + b"Summary: a\0b\n", "line 4 holds a control character"),
    "bare carriage return": (HEAD + b"Summary: a\rName: evil\n", "line 4 holds a control character"),
    "escape": (HEAD + b"Summary: \x1b[31m\n", "line 4 holds a control character"),
    "a continuation of nothing": (b"  x\n" + HEAD, "line 1 continues nothing"),
    "no field": (HEAD + b"hello\n", "line 4 is neither a field nor a continuation"),
    "a blank in the name": (HEAD + b"Sum mary: x\n", "line 4 is neither a field nor a continuation"),
    "name twice": (HEAD + b"Name: evil\n", "the field 'Name' stands more than once"),
    "name twice in another case": (HEAD + b"NAME: evil\n", "the field 'Name' stands more than once"),
    "Requires-Python twice": (HEAD + b"Requires-Python: >=3\n" * 2, "the field 'Requires-Python' stands more than once"),
    "too many lines": (HEAD + b"Classifier: A\n" * 5000, "more than 5000 lines"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_two_readers_could_read_differently_is_refused(name: str) -> None:
    """Each row is refused for its own reason, in words that start alike."""
    data, reason = UNREADABLE[name]
    found = read(data)

    assert isinstance(found, Problem)
    assert found.message.startswith("Invalid distribution metadata: ")
    assert reason in found.message


PROBLEMS: dict[str, tuple[str, str]] = {
    "long summary": (f"Summary: {'x' * 513}", "Field cannot be longer than 512 characters."),
    "summary of two lines": ("Summary: a\n b", "'a' is an invalid value for Summary. Error: 'summary' must be a single line."),
    "Requires-Python": ("Requires-Python: newest", "'newest' is an invalid value for Requires-Python. Error: Invalid specifier"),
    "Requires-Dist": ("Requires-Dist: a b c", "'a b c' is an invalid value for Requires-Dist. Error: Invalid requirement."),
    "direct URL": ("Requires-Dist: a @ https://example.org/a.whl", "Can't have direct dependency: a @ https://example.org/a.whl"),
    "direct URL provided": ("Provides-Dist: a @ https://example.org/a.whl", "Can't have direct dependency: a @"),
    "script as home page": ("Home-page: javascript:alert(1)", "'javascript:alert(1)' is an invalid value for Home-Page. Error:"),
    "credentials in an address": ("Home-page: https://user:pass@example.org", "is an invalid value for Home-Page."),
    "ftp": ("Download-URL: ftp://example.org", "is an invalid value for Download-URL."),
    "Project-URL without a label": ("Project-URL: , https://example.org", "Use a label, a comma, and an address."),
    "Project-URL without a comma": ("Project-URL: https://example.org", "Use a label, a comma, and an address."),
    "long label": (f"Project-URL: {'x' * 33}, https://example.org", "A label has at most 32 characters."),
    "Project-URL to a script": (
        "Project-URL: Home, javascript:x",
        "Invalid URI, please use a valid http:// or https:// address.",
    ),
    "both licences": ("License: MIT\nLicense-Expression: MIT", "License is deprecated when License-Expression is present."),
    "licence": ("License-Expression: Whatever", "Use a valid SPDX license expression."),
    "deep licence": (f"License-Expression: {'(' * 500}MIT{')' * 500}x", "Use a valid SPDX license expression."),
    "content type": ("Description-Content-Type: text/html", "Use one of text/plain, text/x-rst, text/markdown."),
    "private classifier": ("Classifier: Private :: Do Not Upload", "'Private :: Do Not Upload' is not a valid classifier."),
    "extra": ("Provides-Extra: a b", "'a b' is an invalid value for Provides-Extra. Error: 'a b' is invalid."),
    "dynamic field that is none": ("Dynamic: Colour", "Dynamic field 'Colour' is not a valid dynamic field."),
    "author's address": ("Author-email: Hana <hana at acme>", "is not a valid email address."),
    "maintainer's address": ("Maintainer-email: hana@acme", "'hana@acme' is not a valid email address."),
    "provided requirement": ("Provides-Dist: a b c", "'a b c' is invalid: it is no requirement."),
    "obsolete requirement": ("Obsoletes-Dist: !", "'!' is invalid: it is no requirement."),
    "a field of later metadata": ("Import-Name: tiny", "Import-Name introduced in metadata version 2.5, not 2.4."),
    "dynamic name": ("Dynamic: Name", "'Name' is not allowed as a dynamic field."),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_are_named(name: str) -> None:
    """One problem each, in PyPI's words."""
    line, words = PROBLEMS[name]
    found = checked(line)

    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    "line",
    [
        "Summary: " + "x" * 512,
        "Requires-Python: >=3.9,!=3.10.*",
        'Requires-Dist: click>=8; python_version > "3.8" and extra == "dev"',
        "Requires-Dist: a[b,c]<2",
        "Home-page: https://example.org:8443/a?b=c#d",
        "Project-URL: Bug Tracker, https://example.org/issues",
        "License: anything at all\n and more",
        "License-Expression: MIT OR (Apache-2.0 AND BSD-3-Clause)",
        "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM",
        "Description-Content-Type: text/x-rst",
        "Classifier: Programming Language :: Python :: 3",
        "Dynamic: Requires-Dist",
        "Provides-Extra: all.of_it-2",
        "Author-email: Hana Kim <hana.kim+pkg@mail.acme-corp.example>",
        "Author-email: José <josé@exámple.org>",
        "Maintainer-email: a@acme.example, b@acme.example",
        "Author-email: UNKNOWN",
        "Home-page: UNKNOWN",
        "Provides-Dist: a (>=1)",
        "Unknown-Field: is none of our business",
    ],
)
def test_honest_metadata_has_no_problem(line: str) -> None:
    """The twins of the problems."""
    assert checked(line) == []


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (b"Name: a\nVersion: 1\n", "'' is an invalid value for Metadata-Version."),
        (b"Metadata-Version: 9\nName: -\nVersion: x\n", "'9' is an invalid value for Metadata-Version."),
        (b"Metadata-Version: 2.1\nName: -\nVersion: x\n", "'-' is an invalid value for Name."),
        (b"Metadata-Version: 2.1\nName: a\nVersion: x\nSummary: a\n b\n", "'x' is an invalid value for Version."),
    ],
)
def test_identity_comes_first(data: bytes, start: str) -> None:
    """Of several problems the one that decides most is told."""
    found = first_problem(good(data), PYPI)

    assert found is not None
    assert found.message.startswith(start)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5"])
def test_every_metadata_version_of_today(version: str) -> None:
    """2.5 is what hatchling writes."""
    data = HEAD.replace(b"2.4", version.encode())

    assert first_problem(good(data), PYPI) is None


def test_a_private_index_may_allow_more() -> None:
    """Each rule opens exactly its own door."""
    assert checked("Classifier: Private :: Ours", Rules(private_classifiers=True)) == []
    assert checked("Requires-Dist: a @ https://example.org/a.whl", Rules(direct_urls=True)) == []
    local = good(HEAD.replace(b"1.0", b"1.0+gpu"))
    assert first_problem(local, Rules(local_versions=True)) is None
    assert first_problem(local, PYPI) is not None


def test_a_long_value_is_shortened_in_its_message() -> None:
    """A refusal goes into a status line."""
    (found,) = checked("Requires-Python: " + "x" * 5000)

    assert len(found) < 300


FIELDS = [
    "metadata-version", "name", "version", "summary", "requires-python", "requires-dist", "provides-dist", "obsoletes-dist",
    "home-page", "download-url", "project-url", "license", "license-expression", "license-file", "provides-extra",
    "description-content-type", "classifier", "dynamic", "author-email", "maintainer-email", "import-name",
]  # fmt: skip
ODD = [
    "1.0\n tiny", "\n", "a\n\n b", "x\u2028y", "x\x85y", "Private :: a\n b", "tiny @ https://a.example/\n b",
    "1.0+a\n b", "1.0+" + "a" * 5000, "tiny @ https://a.example/" + "a" * 5000, "Private :: " + "a" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_every_problem_is_one_short_line(field: str) -> None:
    """A field may be continued on further lines and be of any length; what is said of it goes into a status line."""
    known = {"metadata-version": ("2.4",), "name": ("tiny-demo",), "version": ("1.0",)}
    found = [
        problem.message
        for value in ODD
        for problem in problems(CoreMetadata({**known, field: (value,)}, ""), Rules(private_classifiers=False))
    ]

    assert found or field in {"license", "license-file"}
    assert [message for message in found if message.splitlines() != [message] or len(message) > 500] == []


VALUE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip)
BODY = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(st.dictionaries(st.sampled_from(["Summary", "Keywords", "Author", "License", "Home-page"]), VALUE), BODY)
def test_what_we_read_is_what_installers_read(fields: dict[str, str], body: str) -> None:
    """Whatever we accept, Python's e-mail parser (which pip and importlib use) reads to the same values."""
    text = HEAD.decode() + "".join(f"{name}: {value}\n" for name, value in fields.items()) + "\n" + body
    message = message_from_string(text)
    found = read(text.encode())

    assert isinstance(found, CoreMetadata)
    for name, value in fields.items():
        assert found.one(name.lower()) == value == message[name].strip()


@given(st.binary(max_size=500))
def test_no_bytes_raise(data: bytes) -> None:
    """Noise is read or refused, and its problems are counted, never raised."""
    found = read(data)
    if isinstance(found, CoreMetadata):
        assert first_problem(found, PYPI) is not None
