"""Bodies that are no upload: each refused in words, none of them a crash, and the index goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.forms import BOUNDARY, CLIENTS, TWINE, body, form, part
from tests.web.site import Site
from tests.web.uploads import DATA, FILENAME, allow, leftovers, post, refused
from trustpub.web.multipart import Unreadable, UploadForm


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[Site]:
    """A running index with one user's token."""
    with Site(tmp_path) as running:
        allow(running)
        yield running


LONG = b"x" * (2 * 1024 * 1024 + 1)
FILE = part(b"content", DATA, filename=FILENAME.encode())
ACTION = part(b":action", b"file_upload")

MALFORMED: dict[str, tuple[bytes, str]] = {
    "no form": (b"hello", "Upload payload is not a form that can be read."),
    "empty": (b"", "Upload payload ends before its form does."),
    "cut": (form(FILENAME, DATA, TWINE)[:-4], "Upload payload ends before its form does."),
    "cut in the file": (form(FILENAME, DATA, TWINE)[:-400], "Upload payload ends before its form does."),
    "another boundary": (form(FILENAME, DATA, TWINE).replace(BOUNDARY.encode(), b"other"), "Upload payload is not a form"),
    "part without a name": (body([b"--Xc0ffeeX\r\n\r\nvalue\r\n", FILE]), "Upload payload has a part without a name."),
    "part that is no form data": (
        body([b"--Xc0ffeeX\r\nContent-Disposition: attachment; name=x\r\n\r\nvalue\r\n"]),
        "Upload payload has a part without a name.",
    ),
    "header without end": (b"--Xc0ffeeX\r\nContent-Disposition: " + b"x" * 9000, "Upload payload is not a form"),
    "many headers": (b"--Xc0ffeeX\r\n" + b"X-A: b\r\n" * 50 + b"\r\n", "Upload payload is not a form"),
    "bad header": (b"--Xc0ffeeX\r\nBad Header: x\r\n\r\n", "Upload payload is not a form"),
    "two files": (body([ACTION, FILE, FILE]), "Upload payload has more than one file."),
    "a field as a file": (body([part(b"name", b"x", filename=b"name.txt")]), "name: Should not be a tuple."),
    "name that is not UTF-8": (body([part(b"\xff", b"x")]), "Upload payload has a name that is not UTF-8."),
    "file name that is not UTF-8": (body([part(b"content", b"x", filename=b"\xff.whl")]), "Upload payload has a name"),
    "name twice": (
        body([b'--Xc0ffeeX\r\nContent-Disposition: form-data; name="a"; name="b"\r\n\r\nx\r\n']),
        "Upload payload has a part without a name.",
    ),
    "broken option": (
        body([b'--Xc0ffeeX\r\nContent-Disposition: form-data; name="a\r\n\r\nx\r\n']),
        "Upload payload has a part without a name.",
    ),
    "disposition twice": (
        body([b'--Xc0ffeeX\r\nContent-Disposition: form-data; name="a"\r\ncontent-disposition: x\r\n\r\nx\r\n']),
        "Upload payload is not a form",
    ),
    "folded header": (
        body([b'--Xc0ffeeX\r\nContent-Disposition: form-data;\r\n name="a"\r\n\r\nx\r\n']),
        "Upload payload is not a form",
    ),
    "bare line feeds": (form(FILENAME, DATA, TWINE).replace(b"\r\n", b"\n"), "Upload payload is not a form"),
    "preamble": (b"hello\r\n" + form(FILENAME, DATA, TWINE), "Upload payload is not a form"),
    "boundary that goes on": (
        form(FILENAME, DATA, TWINE).replace(b"Xc0ffeeX\r\n", b"Xc0ffeeXX\r\n"),
        "Upload payload is not a form",
    ),
    "long file name": (body([part(b"content", b"x", filename=b"x" * 2000)]), "Upload payload has a file name that is too long."),
    "long field that is read": (body([part(b"name", LONG[: 256 * 1024 + 1])]), "Upload payload has more than 262144 bytes"),
    "long field that nobody reads": (body([part(b"description", LONG)]), "Upload payload has more than 2097152 bytes in the"),
    "many fields": (body([part(b"x", b"")] * 5001), "Upload payload has more than 5000 fields."),
    "many long fields": (body([part(b"x", LONG[:-1])] * 9), "Upload payload has more than 16777216 bytes beside its file."),
    "file without a name": (
        form(FILENAME, DATA, TWINE).replace(f'; filename="{FILENAME}"'.encode(), b""),
        "Upload payload does not have a file.",
    ),
    "file with an empty name": (
        form(FILENAME, DATA, TWINE).replace(FILENAME.encode(), b"", 1),
        "Upload payload does not have a file.",
    ),
    "no file": (
        form(FILENAME, DATA, CLIENTS["uv"]).replace(b'"content"', b'"contents"').replace(b"; filename=", b"; x="),
        "Upload payload does not have a file.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_bodies(open_site: Site, name: str) -> None:
    """400 with words, never a crash, and the index goes on."""
    data, start = MALFORMED[name]

    refused(post(open_site, data), 400, start)
    assert open_site.log == []
    assert leftovers(open_site) == []
    assert post(open_site, form(FILENAME, DATA, TWINE)).status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "", "application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=Xc0ffeeX", "multipart/form-data",
        "multipart/form-data; boundary=", 'multipart/form-data; boundary="a\\"b"', "multipart/form-data; boundary=" + "x" * 300,
    ],
)  # fmt: skip
def test_other_types_of_content(open_site: Site, content_type: str) -> None:
    """Only a form with a boundary can be an upload."""
    answer = post(open_site, form(FILENAME, DATA, TWINE), Content_Type=content_type)

    refused(answer, 400, "Upload payload is not a form: send multipart/form-data with a boundary.")


OPTIONS: dict[str, tuple[bytes, str]] = {
    "plain": (b'form-data; name="content"; filename="a.whl"', "a.whl"),
    "other order": (b'form-data; filename="a.whl"; name="content"', "a.whl"),
    "without quotes": (b"form-data; name=content; filename=a.whl", "a.whl"),
    "capitals and blanks": (b'Form-Data ;Name="content" ; FileName="a.whl" ;', "a.whl"),
    "escaped quotes": (b'form-data; name="content"; filename="a\\"b\\\\c.whl"', 'a"b\\c.whl'),
    "semicolon in quotes": (b'form-data; name="content"; filename="a;b.whl"', "a;b.whl"),
    "UTF-8": ('form-data; name="content"; filename="é.whl"'.encode(), "é.whl"),
    "extended name ignored": (b'form-data; name="content"; filename="a.whl"; filename*=utf-8\'\'evil.whl', "a.whl"),
    "extended name alone": (b"form-data; name=\"content\"; filename*=utf-8''evil.whl", ""),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_how_a_file_part_may_be_written(name: str) -> None:
    """Every way of RFC 7578; the extended spelling never counts."""
    disposition, expected = OPTIONS[name]
    found = read(body([b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition: " + disposition + b"\r\n\r\nx\r\n"]))

    assert isinstance(found, UploadForm)
    assert found.filename == expected


def read(data: bytes, step: int = 1 << 20) -> UploadForm | str:
    """The form, or why it is none."""
    form = UploadForm(BOUNDARY.encode(), 10**6)
    try:
        for at in range(0, len(data), step):
            form.feed(data[at : at + step])
        form.finish()
    except Unreadable as problem:
        return problem.what
    return form


def told(data: bytes, step: int) -> object:
    """What a reader of these pieces learns."""
    found = read(data, step)
    return found if isinstance(found, str) else (found.fields, found.filename, found.content_type, bytes(found.take()))


WHOLE = form(FILENAME, DATA, TWINE)


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255), step=st.integers(1, 200))
def test_no_changed_byte_crashes_and_pieces_mean_the_same(at: int, byte: int, step: int) -> None:
    """Whatever byte is changed, the form is read or refused, and alike however the network cuts it."""
    changed = WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :]

    assert told(changed, step) == told(changed, len(changed))


@given(st.binary(max_size=300))
def test_no_noise_crashes(noise: bytes) -> None:
    """Noise, also behind a first boundary, in a header and in a value, is read or refused in words."""
    start = b"--" + BOUNDARY.encode() + b"\r\n"
    for data in (noise, start + noise, start + b"Content-Disposition: " + noise, body([part(b"name", noise)])):
        found = read(data)
        assert isinstance(found, UploadForm) or found.startswith(("Upload payload", "name: Should"))
