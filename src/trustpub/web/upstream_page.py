"""A page of the index behind this one, in this index's words: addresses lead to us, and `tracks` says whose it is (PEP 708)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from trustpub.web.simple import API_VERSION, Form, anchor, links_page, meta, status_lines

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
    about = [
        meta("tracks", tracks),
        *(meta("alternate-locations", each) for each in page.alternates),
        *status_lines(page.status, page.reason),
    ]
    return "\n".join(links_page(page.name, about, (_anchor(page, file, root) for file in page.files))).encode()


def _anchor(page: UpstreamPage, file: UpstreamFile, root: str) -> str:
    return anchor(
        file.filename,
        _address(page, file, root),
        file.sha256,
        requires_python=file.requires_python,
        yanked=file.yanked,
        metadata_sha256=file.metadata_sha256,
    )
