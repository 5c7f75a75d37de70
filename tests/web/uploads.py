"""A running index that takes one user's uploads, and how its refusals are read."""

from __future__ import annotations

from pathlib import Path

from tests.distributions import sdist, wheel_of
from tests.web.forms import headers
from tests.web.site import Answer, Site
from trustpub.domain.tokens import API_PREFIX, digest, mint
from trustpub.storage.accounts import add_api_token, add_user
from trustpub.storage.database import Connection
from trustpub.storage.files import all_files

PROJECT = "tiny_demo.pkg"
FILENAME, DATA = wheel_of(PROJECT, "1.0")
SDIST = sdist(f"Metadata-Version: 2.1\nName: {PROJECT}\nVersion: 1.0\n\n".encode())
SDIST_FILENAME = "tiny_demo_pkg-1.0.tar.gz"
TOKEN = mint(API_PREFIX, bytes(range(32)))


def allow(site: Site, token: str = TOKEN) -> None:
    """Give a user this token."""

    def write(connection: Connection) -> None:
        user = add_user(connection, "hana", "hana@acme.example", 1.0)
        add_api_token(connection, digest(token), user.id, "upload", 1.0)

    site.write(write)


def post(site: Site, data: bytes, token: str = TOKEN, path: str = "/legacy/", **more: str) -> Answer:
    """Send this body."""
    return site.ask("POST", path, {**headers(token), **{name.replace("_", "-"): value for name, value in more.items()}}, data)


def listed(site: Site) -> list[str]:
    """Names of all files."""
    with site.database.read() as connection:
        return [file.filename for file in all_files(connection)]


def leftovers(site: Site) -> list[Path]:
    """Temp files."""
    return list((site.settings.data / "tmp").iterdir())


def refused(answer: Answer, status: int, start: str) -> None:
    """The text of a refusal stands where each client looks for it."""
    content = answer.json()
    assert isinstance(content, dict)

    assert answer.status == status
    assert answer.reason.startswith(start)  # twine, the publish action, flit
    assert str(content["code"]).startswith(f"{status} {start}")  # uv
    assert answer.headers["content-type"] == "application/json"  # uv compares it exactly
    assert str(content["message"]).startswith(start)
    assert content["title"]
    assert isinstance(content["errors"], list)
    (error,) = content["errors"]
    assert isinstance(error, dict)
    assert error["code"] == "upload-refused"
    assert str(error["description"]).startswith(start)
