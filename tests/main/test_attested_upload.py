"""An attested upload from end to end: the index as it is served, its processes, and whoever reads what it keeps."""

from __future__ import annotations

import hashlib
import json
import os
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

from tests.distributions import wheel_of
from tests.parties.attestations.signing import Signing, trust_root
from tests.web.forms import TWINE, body, headers, part, values
from trustpub.domain.publishers import publisher
from trustpub.domain.tokens import UPLOAD_PREFIX, digest, mint
from trustpub.main.serve import start
from trustpub.settings import Attestations, ServerSettings
from trustpub.storage.database import Connection, Database
from trustpub.storage.projects import create_project
from trustpub.storage.publishers import get_or_create_publisher, link
from trustpub.storage.tokens import add_upload_token

PUBLISHER = publisher(
    "github",
    {
        "repository_owner": "acme",
        "repository_owner_id": "42",
        "repository_name": "tiny",
        "workflow_filename": "pypi.yml",
        "environment": "pypi",
    },
)
FILENAME, DATA = wheel_of("tiny-demo", "1.0")


def token(folder: Path) -> str:
    """An upload token of the publisher in the index of this folder."""
    minted = mint(UPLOAD_PREFIX, os.urandom(32))
    database = Database.open(folder)

    def write(connection: Connection) -> None:
        now = time.time()
        project = create_project(connection, "tiny-demo", now)
        publisher_id = get_or_create_publisher(connection, PUBLISHER, now)
        link(connection, publisher_id, project.id, now)
        add_upload_token(connection, digest(minted), publisher_id, [project.id], "{}", now, int(now) + 900)

    try:
        database.write(write).result()
    finally:
        database.close()
    return minted


def upload(url: str, minted: str, attestations: object) -> tuple[int, str]:
    """Send the wheel with these attestations: status and reason."""
    groups = values(FILENAME, DATA, TWINE, "1.0")
    fields = [part(name.encode(), value.encode()) for group in groups.values() for name, value in group if name != "name"]
    fields += [part(b"name", b"tiny-demo"), part(b"attestations", json.dumps(attestations).encode())]
    fields.append(part(b"content", DATA, filename=FILENAME.encode(), content_type=b"application/octet-stream"))
    request = urllib.request.Request(f"{url}/legacy/", body(fields), headers(minted))
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.reason
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, str(refused.reason)


def test_from_a_signature_to_provenance(tmp_path: Path) -> None:
    """A forged one is refused, a true one is stored, linked on the project's page, and served as it was signed."""
    root = tmp_path / "root.json"
    root.write_text(trust_root())
    settings = ServerSettings(tmp_path / "data", port=0, attestations=Attestations(root))
    minted = token(settings.data)
    sha256 = hashlib.sha256(DATA).hexdigest()
    true = Signing(filename=FILENAME, sha256=sha256).attestation()
    forged = Signing(filename=FILENAME, sha256=sha256, ca="evil").attestation()
    with start(settings) as server:
        status, reason = upload(server.url, minted, [forged])
        assert status == 400
        assert reason.startswith("Invalid attestations supplied during upload: Could not verify the uploaded artifact")
        assert upload(server.url, minted, [true])[0] == 200
        assert upload(server.url, minted, [forged])[0] == 200  # the same file again: what is kept stays

        page = f"{server.url}/simple/tiny-demo/"
        asked = urllib.request.Request(page, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
        with urllib.request.urlopen(asked, timeout=20) as answer:
            (file,) = json.load(answer)["files"]
        with urllib.request.urlopen(urljoin(page, file["provenance"]), timeout=20) as answer:
            provenance = json.load(answer)
        with urllib.request.urlopen(f"{server.url}/project/tiny-demo/", timeout=20) as answer:
            shown = answer.read().decode()
    (bundle,) = provenance["attestation_bundles"]
    assert bundle["publisher"] == {"kind": "GitHub", "repository": "acme/tiny", "workflow": "pypi.yml", "environment": "pypi"}
    assert bundle["attestations"] == [true]
    assert f'<a href="/integrity/tiny-demo/1.0/{FILENAME}/provenance">' in shown
    assert "Signed by GitHub acme/tiny pypi.yml:" in shown
    assert f"<code>{Signing().kind}</code>" in shown
