"""A page of the index behind this one, in this index's words: addresses lead to us, and `tracks` says whose it is (PEP 708)."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from trustpub.web.simple import API_VERSION, Form, head

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.parties.upstream.port import UpstreamFile, UpstreamPage

PLACE = "/files/upstream/"
"""Where the files of the other index are: below their project's name and their SHA-256."""


def upstream_page(page: UpstreamPage, form: Form, root: str, tracks: str) -> bytes:
    """The page in one of the forms; `tracks` is the address of the project's page behind us."""
    return _json(page, root, tracks) if form is Form.JSON else _html(page, root, tracks)


def _address(page: UpstreamPage, file: UpstreamFile, root: str) -> str:
    return f"{root}{PLACE}{page.name}/{file.sha256}/{quote(file.filename)}"


def _json(page: UpstreamPage, root: str, tracks: str) -> bytes:
    status: JSON = {"status": page.status, **({"reason": page.reason} if page.reason else {})}
    told: JSON = {
        # PEP 700 came with 1.1: a page without versions is an older one's.
        "meta": {"api-version": API_VERSION if page.versions else "1.0", "tracks": [tracks]},
        "name": page.name,
        "alternate-locations": list(page.alternates),
        "project-status": status,
        **({"versions": list(page.versions)} if page.versions else {}),
        "files": [_json_file(page, file, root) for file in page.files],
    }
    return json.dumps(told, separators=(",", ":")).encode("ascii")


def _json_file(page: UpstreamPage, file: UpstreamFile, root: str) -> JSON:
    core: JSON = {"sha256": file.metadata_sha256} if file.metadata_sha256 else False
    return {
        "filename": file.filename,
        "url": _address(page, file, root),
        "hashes": {"sha256": file.sha256},
        "requires-python": file.requires_python,
        **({"size": file.size} if file.size is not None else {}),
        **({"upload-time": file.upload_time} if file.upload_time else {}),
        "yanked": file.yanked,
        "core-metadata": core,
        "data-dist-info-metadata": core,
        "provenance": None,
    }


def _html(page: UpstreamPage, root: str, tracks: str) -> bytes:
    name = escape(page.name)
    lines = [
        *head(f"Links for {name}"),
        f'    <meta name="pypi:tracks" content="{escape(tracks)}">',
        *(f'    <meta name="pypi:alternate-locations" content="{escape(each)}">' for each in page.alternates),
        f'    <meta name="pypi:project-status" content="{escape(page.status)}">',
        *([f'    <meta name="pypi:project-status-reason" content="{escape(page.reason)}">'] if page.reason else ()),
        "  </head>",
        "  <body>",
        f"    <h1>Links for {name}</h1>",
        *(_anchor(page, file, root) for file in page.files),
        "  </body>",
        "</html>",
    ]
    return "\n".join(lines).encode()


def _anchor(page: UpstreamPage, file: UpstreamFile, root: str) -> str:
    attributes = f'href="{escape(_address(page, file, root))}#sha256={file.sha256}"'
    if file.requires_python:
        attributes += f' data-requires-python="{escape(file.requires_python)}"'
    if file.yanked:
        attributes += f' data-yanked="{escape(file.yanked if isinstance(file.yanked, str) else "")}"'
    if file.metadata_sha256:
        proof = f"sha256={file.metadata_sha256}"
        attributes += f' data-dist-info-metadata="{proof}" data-core-metadata="{proof}"'
    return f"    <a {attributes}>{escape(file.filename)}</a><br>"
