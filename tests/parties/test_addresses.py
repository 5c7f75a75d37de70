"""Where the public indexes are: derived from what the standard tools know, remembered, never a constant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trustpub.errors import BadInput, Broken
from trustpub.parties.index.addresses import Addresses, default_upload, derive

UPLOAD = "https://upload.index.example/legacy/"


class Source:
    """Counts how often it is asked."""

    def __init__(self, upload: str = UPLOAD) -> None:
        self.upload = upload
        self.asked = 0

    def __call__(self) -> str:
        """Answer with the upload address."""
        self.asked += 1
        return self.upload


def test_every_address_follows_from_one(tmp_path: Path) -> None:
    """The web host drops `upload.`, the test index puts `test.` before it."""
    book = Addresses(tmp_path, Source())
    assert [
        UPLOAD,
        "https://index.example/",
        "https://index.example/simple/",
        "https://test.index.example/legacy/",
        "https://test.index.example/",
        "https://test.index.example/simple/",
    ] == [ask(name) for name in ("pypi", "testpypi") for ask in (book.upload, book.web, book.simple)]
    assert ["upload.index.example", "test.index.example"] == [book.host("pypi"), book.host("testpypi")]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (UPLOAD, "pypi"),
        ("https://upload.index.example/legacy", "pypi"),
        ("https://UPLOAD.index.example:443/legacy/", "pypi"),
        ("https://index.example/legacy/", "pypi"),
        ("https://test.index.example/legacy/", "testpypi"),
        ("https://other.example/legacy/", None),
        ("https://index.example.evil.example/legacy/", None),
        ("https://upload.index.example:8443/legacy/", None),
        ("https://x/upload.index.example", None),
        ("ftp://upload.index.example/legacy/", None),
        ("https://[broken", None),
        ("https://index.example:port/", None),
        ("", None),
    ],
)
def test_an_address_has_a_name(tmp_path: Path, url: str, name: str | None) -> None:
    """By its host; look-alikes have none."""
    assert name == Addresses(tmp_path, Source()).name_of(url)


def test_the_source_is_asked_once_and_remembered(tmp_path: Path) -> None:
    """The next process reads the memory."""
    first, second = Source(), Source("https://upload.never.example/legacy/")
    Addresses(tmp_path / "cache", first).upload("pypi")
    assert (UPLOAD, 1, 0) == (Addresses(tmp_path / "cache", second).upload("pypi"), first.asked, second.asked)


def test_nothing_is_asked_before_an_address_is_needed(tmp_path: Path) -> None:
    """Making an address book costs nothing."""
    source = Source()
    Addresses(tmp_path, source)
    assert 0 == source.asked


@pytest.mark.parametrize("memory", ["", "{", "[]", '{"upload": 1}', "{}", '{"upload": "http://x/"}', "[" * 100_000, "\udc80"])
def test_a_broken_memory_is_made_again(tmp_path: Path, memory: str) -> None:
    """Whatever is in the file."""
    (tmp_path / "addresses.json").write_bytes(memory.encode("utf-8", "surrogateescape"))
    assert UPLOAD == Addresses(tmp_path, Source()).upload("pypi")
    assert {"upload": UPLOAD} == json.loads((tmp_path / "addresses.json").read_bytes())


def test_a_cache_that_cannot_be_written_is_no_problem(tmp_path: Path) -> None:
    """The answer is the same, only not remembered."""
    (tmp_path / "file").write_text("")
    assert UPLOAD == Addresses(tmp_path / "file" / "cache", Source()).upload("pypi")


def test_only_the_public_indexes_have_addresses_here(tmp_path: Path) -> None:
    """Others are declared."""
    with pytest.raises(BadInput, match="index `own`"):
        Addresses(tmp_path, Source()).upload("own")


@pytest.mark.parametrize(
    "upload",
    [
        "http://upload.x.example/legacy/",
        "https://x.example/legacy/",
        "https://upload.x.example/",
        "x",
        "https://upload.x/legacy/",
    ],
)
def test_an_address_of_another_form_is_not_guessed_from(upload: str) -> None:
    """Nothing is sent to a host that was made up."""
    with pytest.raises(Broken):
        derive(upload)


def test_the_real_source_is_of_the_expected_form() -> None:
    """What the standard tool has by default can be derived from."""
    assert {"pypi", "testpypi"} == set(derive(default_upload()))


def test_importing_the_address_book_imports_no_tool() -> None:
    """The tool costs a tenth of a second, and most commands need no address."""
    code = "import sys, trustpub.parties.index.addresses; sys.exit('distlib' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
