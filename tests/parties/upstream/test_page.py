"""Pages of another index, read strictly: what is not understood is left out, what is no page is an error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.claims import JSON
from trustpub.errors import Unreachable
from trustpub.parties.upstream.page import may_call, read_page

URL = "https://behind.example/simple/demo/"
SHA = "a" * 64
FILE: dict[str, JSON] = {"filename": "demo-1.0.tar.gz", "url": "../../f/demo-1.0.tar.gz#sha256=1", "hashes": {"sha256": SHA}}


def body(status: JSON = None, **changed: JSON) -> bytes:
    """A page with one file."""
    page: dict[str, JSON] = {"meta": {"api-version": "1.1"}, "name": "Demo", "files": [FILE], "project-status": status}
    return json.dumps({**page, **changed}).encode()


def test_the_least_that_a_page_says() -> None:
    """An older page: no versions, no sizes; addresses are made whole."""
    page = read_page(body(), "demo", URL, '"1"')
    [file] = page.files
    assert ("demo", '"1"', "active", ()) == (page.name, page.etag, page.status, page.versions)
    assert ("https://behind.example/f/demo-1.0.tar.gz", SHA, None, None, False, None) == (
        file.url, file.sha256, file.size, file.upload_time, file.yanked, file.metadata_sha256,
    )  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        b"", b"[]", b"null", b"\xff", b"{}", b"[" * 100_000, body(name="other"), body(name=None), body(name="d\u00e9mo"),
        body(meta={"api-version": "2.0"}), body(meta={}), body(files=None), body(files={}),
    ],
)  # fmt: skip
def test_what_is_no_page_of_this_project_is_an_error(broken: bytes) -> None:
    """Another project's page too: it would answer for a name that is not its own."""
    with pytest.raises(Unreachable):
        read_page(broken, "demo", URL, "")


@pytest.mark.parametrize(
    "changed",
    [
        {"filename": "../demo.tar.gz"}, {"filename": "a/b"}, {"filename": ".hidden"}, {"filename": ""}, {"filename": "a\nb"},
        {"filename": "x" * 256}, {"filename": 1}, {"hashes": {}}, {"hashes": {"md5": "x"}}, {"hashes": {"sha256": "A" * 64}},
        {"hashes": None}, {"url": None}, {"url": "http://behind.example/x"}, {"url": "file:///etc/passwd"},
        {"url": "https://user@behind.example/x"}, {"url": "https://[::1"}, {"url": "http://127.0.0.1/x"},
        {"url": "https://behind.example/a b"},
    ],
)  # fmt: skip
def test_a_file_that_is_not_understood_is_left_out(changed: dict[str, JSON]) -> None:
    """Odd names, no SHA-256, addresses that may not be called."""
    page = read_page(body(files=[{**FILE, **changed}, {**FILE, "filename": "demo-2.0.tar.gz"}]), "demo", URL, "")
    assert ["demo-2.0.tar.gz"] == [file.filename for file in page.files]


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"size": 5}, "size", 5), ({"size": -1}, "size", None), ({"size": True}, "size", None), ({"size": "5"}, "size", None),
        ({"yanked": True}, "yanked", True), ({"yanked": "broken"}, "yanked", "broken"), ({"yanked": "a\nb"}, "yanked", True),
        ({"requires-python": ">=3"}, "requires_python", ">=3"), ({"requires-python": "x" * 501}, "requires_python", None),
        ({"upload-time": "2024-01-01T00:00:00.5Z"}, "upload_time", "2024-01-01T00:00:00.5Z"),
        ({"upload-time": "yesterday"}, "upload_time", None),
        ({"core-metadata": {"sha256": SHA}}, "metadata_sha256", SHA), ({"core-metadata": True}, "metadata_sha256", None),
        ({"dist-info-metadata": {"sha256": SHA}}, "metadata_sha256", SHA),
    ],
)  # fmt: skip
def test_what_a_file_says_of_itself(changed: dict[str, JSON], field: str, value: object) -> None:
    """What is of another type or form is as if it were not said; a yanked file stays yanked."""
    [file] = read_page(body(files=[{**FILE, **changed}]), "demo", URL, "").files
    assert value == getattr(file, field)


def test_a_closed_project_keeps_its_status() -> None:
    """PEP 792: a quarantined one shows no file, whatever its page says."""
    archived = read_page(body(status={"status": "archived", "reason": "done"}), "demo", URL, "")
    assert ("archived", "done", 1) == (archived.status, archived.reason, len(archived.files))
    assert () == read_page(body(status={"status": "quarantined"}), "demo", URL, "").files
    assert "active" == read_page(body(status={"status": "gone mad"}), "demo", URL, "").status


def test_plain_http_is_for_an_index_on_this_machine() -> None:
    """And even that may not send anybody to plain http elsewhere."""
    assert may_call("http://127.0.0.1:1/x", "http://127.0.0.1:2/simple/")
    assert not may_call("http://127.0.0.1:1/x", URL)
    assert not may_call("http://files.example/x", "http://127.0.0.1:2/simple/")
    assert may_call("https://files.example/x", URL)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("meta", "name", "files", "versions", "project-status"), JSON_VALUES)))
def test_no_page_breaks_the_reader(changed: dict[str, JSON]) -> None:
    """Whatever stands in it: a page, or the one error."""
    try:
        page = read_page(body(**changed), "demo", URL, "")
    except Unreachable:
        return
    assert "demo" == page.name
    assert all(file.url.startswith("https://") and len(file.sha256) == 64 for file in page.files)
