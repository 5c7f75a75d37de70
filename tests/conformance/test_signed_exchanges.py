"""The same cases, as real exchanges: signed, posted to `/_/oidc/mint-token` of a running index under the profile `pypi`."""

from __future__ import annotations

import gzip
import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from trustpub.domain.claims import JSON
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, publisher
from trustpub.main.serve import start
from trustpub.parties.issuer.signing import SigningKey, key_set
from trustpub.settings import load
from trustpub.storage import tokens
from trustpub.storage.accounts import add_user
from trustpub.storage.database import Connection, Database
from trustpub.storage.projects import create_project
from trustpub.storage.publishers import add_pending, get_or_create_publisher, link
from trustpub.storage.tables import metadata, users

CASES = Path(__file__).with_name("pypi-decisions.jsonl.gz")
ISSUERS = {provider: DEFAULT_ISSUERS[provider] for provider in (Provider.GITHUB, Provider.GITLAB, Provider.GOOGLE)}
CONFIG = "".join(f'[[issuers]]\nkind = "{kind.value}"\nurl = "{url}"\njwks = "jwks.json"\n' for kind, url in ISSUERS.items())

EMPTIED = [delete(table) for table in reversed(metadata.sorted_tables) if table is not users and table.name != "counters"]
"""What makes an index hold its user and nothing else."""


class Index:
    """A running index whose rows are set for each case through a second connection to its database."""

    def __init__(self, folder: Path) -> None:
        self.keys = SigningKey.generate()
        (folder / "jwks.json").write_bytes(key_set(self.keys))
        config = folder / "serve.toml"
        config.write_text(f'[index]\naudience = "pypi"\nprofile = "pypi"\n{CONFIG}')
        self.server = start(load(folder / "data", config, port=0))
        self.rows = Database.open(folder / "data", migrate=False)
        self.user = self.rows.write(lambda connection: add_user(connection, "hana", "hana@acme.example", time.time())).result().id
        self.wire = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)

    def close(self) -> None:
        """Stop the server and close the second connection."""
        self.wire.close()
        self.rows.close()
        self.server.stop()

    def register(self, case: dict[str, Any]) -> None:
        """Make the index hold exactly the publishers and the spent tokens of this case."""
        self.rows.write(lambda connection: self._register(connection, case)).result()

    def _register(self, connection: Connection, case: dict[str, Any]) -> None:
        for statement in EMPTIED:
            connection.execute(statement)
        now, provider = time.time(), Provider(case["provider"])
        for number, row in enumerate(case["publishers"]):
            registered = publisher(provider, row, row.get("issuer_url") or None)
            if case.get("pending"):
                add_pending(connection, registered, f"case-{number}", self.user, now)
            else:
                project = create_project(connection, f"case-{number}", now)
                link(connection, get_or_create_publisher(connection, registered, now), project.id, now)
        for jti in case.get("seen_jti", ()):
            tokens.spend(connection, case["claims"].get("iss") or ISSUERS[provider], jti, int(now) + 900)

    def exchange(self, case: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Sign the case's claims as its issuer would, and post them."""
        now = int(time.time())
        standard: dict[str, JSON] = {
            "iss": ISSUERS[Provider(case["provider"])],
            "aud": "pypi",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
        }
        token = self.keys.sign(self.keys.header(), {**standard, **case["claims"]})
        self.wire.request("POST", "/_/oidc/mint-token", json.dumps({"token": token}))
        answer = self.wire.getresponse()
        return answer.status, json.loads(answer.read())


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """One running index for all cases."""
    running = Index(tmp_path_factory.mktemp("conformance"))
    yield running
    running.close()


def expected(case: dict[str, Any]) -> tuple[int, str | None, str | None]:
    """Status, code and description that PyPI's own code gives this case."""
    said = case["pypi"]
    if said["decision"] == "accept":
        return 200, None, None
    if case.get("pending"):
        # The exchange then looks among the ordinary publishers, of which these cases have none.
        missing = said["reason"] if said.get("reason", "").startswith("Missing claim") else None
        return 422, "invalid-publisher", missing
    return 422, said["code"], said["description"]


def test_every_case_as_a_signed_token(index: Index) -> None:
    """Every matching case, posted: the answer over HTTP is the decision of the oracle."""
    cases = [json.loads(line) for line in gzip.decompress(CASES.read_bytes()).splitlines()]
    matching = [case for case in cases if case.get("mode") != "form"]
    wrong = []
    for case in matching:
        index.register(case)
        status, body = index.exchange(case)
        error = body["errors"][0] if status != 200 else {"code": None, "description": None}
        want = expected(case)
        same_text = case.get("pending") or error["description"] == want[2]
        if (status, error["code"]) != want[:2] or not same_text:
            wrong.append((case["id"], want, status, error))

    assert [] == wrong
    assert 437 == sum(case["provider"] == "github" for case in matching)
