"""Upload requests written as each client writes them on the wire."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

BOUNDARY = "Xc0ffeeX"
Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Wire:
    """How one client writes a form: the order of its fields, and the headers of its file part."""

    order: tuple[str, ...]
    content_type: bytes | None = b"application/octet-stream"
    name: str = "tiny_demo.pkg"
    extra: tuple[tuple[str, str], ...] = ()
    pyversion: str = "py3"
    header: bytes = b"Content-Disposition"


def part(name: bytes, value: bytes, *, filename: bytes | None = None, content_type: bytes | None = None) -> bytes:
    """One part of a form."""
    head = b'Content-Disposition: form-data; name="' + name + b'"'
    if filename is not None:
        head += b'; filename="' + filename + b'"'
    if content_type is not None:
        head += b"\r\nContent-Type: " + content_type
    return b"--" + BOUNDARY.encode() + b"\r\n" + head + b"\r\n\r\n" + value + b"\r\n"


END = b"--" + BOUNDARY.encode() + b"--\r\n"


def body(parts: Iterable[bytes]) -> bytes:
    """A whole form."""
    return b"".join(parts) + END


def values(filename: str, data: bytes, wire: Wire, version: str) -> dict[str, Fields]:
    """The fields by the group that clients order differently."""
    filetype = "sdist" if filename.endswith(".tar.gz") else "bdist_wheel"
    python = "source" if filetype == "sdist" else wire.pyversion
    return {
        "action": [(":action", "file_upload")],
        "protocol": [("protocol_version", "1")],
        "metadata": [("metadata_version", "2.4"), ("name", wire.name), ("version", version), *wire.extra],
        "filetype": [("filetype", filetype)],
        "pyversion": [("pyversion", python)],
        "sha256": [("sha256_digest", hashlib.sha256(data).hexdigest())],
        "md5": [("md5_digest", hashlib.md5(data, usedforsecurity=False).hexdigest())],
        "blake2": [("blake2_256_digest", hashlib.blake2b(data, digest_size=32).hexdigest())],
    }


def form(filename: str, data: bytes, wire: Wire, version: str = "1.0") -> bytes:
    """The body that this client sends for this file."""
    groups = values(filename, data, wire, version)
    parts = []
    for group in wire.order:
        if group == "content":
            parts.append(part(b"content", data, filename=filename.encode(), content_type=wire.content_type))
        elif group == "signature":
            parts.append(part(b"gpg_signature", b"-----BEGIN", filename=b"x.asc", content_type=b"application/octet-stream"))
        else:
            parts += [part(name.encode(), value.encode()) for name, value in groups[group]]
    return body(parts).replace(b"Content-Disposition", wire.header)


def headers(token: str, scheme: str = "Basic") -> dict[str, str]:
    """The headers of an upload."""
    value = "Basic " + b64encode(f"__token__:{token}".encode()).decode() if scheme == "Basic" else f"{scheme} {token}"
    return {"Authorization": value, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


TWINE = Wire(
    ("metadata", "pyversion", "filetype", "sha256", "blake2", "action", "protocol", "content", "signature"), name="tiny-demo.pkg"
)

CLIENTS: dict[str, Wire] = {
    "twine": TWINE,
    "uv": Wire(
        ("action", "sha256", "blake2", "protocol", "metadata", "filetype", "pyversion", "content"),
        content_type=None,
        extra=(("requires_python", ""), ("keywords", "a,b c"), ("import_names", "tiny_demo")),
        pyversion="cp311.cp312",
    ),
    "pdm": Wire(
        ("metadata", "filetype", "pyversion", "sha256", "md5", "blake2", "action", "protocol", "content"),
        extra=(("home_page", ""), ("author", ""), ("license", ""), ("comment", ""), ("provides_extras", "dev")),
    ),
    "hatch": Wire(
        ("metadata", "filetype", "pyversion", "action", "protocol", "md5", "sha256", "blake2", "content"),
        extra=(("classifiers", "A"), ("classifiers", "B"), ("description", "é" * 2000)),
    ),
    "poetry": Wire(("md5", "sha256", "blake2", "filetype", "pyversion", "metadata", "action", "protocol", "content")),
    "flit": Wire(
        ("action", "metadata", "filetype", "pyversion", "md5", "sha256", "content"),
        content_type=None,
        extra=(("provides", "tiny_demo"),),
    ),
    "maturin": Wire(
        ("action", "sha256", "metadata", "filetype", "pyversion", "content"), content_type=None, name="tiny-demo-pkg"
    ),
    "a client that writes headers in lower case": Wire(TWINE.order, header=b"content-disposition"),
    "a client that sends the file first": Wire(("content", *TWINE.order[:-2])),
}
