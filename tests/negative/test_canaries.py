"""Planted secrets: nothing that a client sends in confidence is found again in what the server says, logs or stores."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from pathlib import Path

import pytest

from bench.rows.exchanges import claims, mint_request, prepare
from bench.rows.uploads import basic, request
from bench.server import BIN, cli
from tests.journeys.crash.load import ask
from trustpub.parties.issuer.signing import SigningKey


class Traffic:
    """A real server, spoken to in every way that carries a secret; keeps every secret and everything that was said."""

    def __init__(self, scratch: Path) -> None:
        self.keys = SigningKey.generate()
        (scratch / "serve.toml").write_text(prepare(scratch, self.keys, projects=1))
        self.data = scratch / "data"
        self.secrets: dict[str, str] = {}
        self.said: list[bytes] = []
        self.api_token = cli("admin", "--data", str(self.data), "token", "create", "hana", "--scope", "upload").split()[-1]
        self.secrets["API token"] = self.api_token

    def run(self, port: int) -> None:
        """Good and bad exchanges, uploads and burns."""
        good, other = (self._token(number) for number in (0, 7))
        broken = good[:-8] + "AAAAAAAA"
        self.secrets |= {"ID token": good, "refused ID token": other, "forged ID token": broken}
        upload_token = str(json.loads(self._ask(port, mint_request(good), keep=False))["token"])
        self.secrets["upload token"] = upload_token
        for token in (good, other, broken, "no-token-canary"):
            self._ask(port, mint_request(token))
        for credential in (upload_token, self.api_token, "pypi-canary-of-nobody"):
            self.secrets.setdefault(f"credential {credential[:12]}", credential)
            for version in (1, 2):
                self._ask(port, request("/legacy/", basic("__token__", credential), 0, version))
        self._ask(port, request("/legacy/", basic("hana", "password-canary"), 0, 3))
        self.secrets["password"] = "password-canary"
        body = json.dumps({"token": upload_token}).encode()
        head = f"POST /_/oidc/burn-token HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        self._ask(port, head + body)
        self._ask(port, request("/legacy/", basic("__token__", upload_token), 0, 4))

    def _token(self, project: int) -> str:
        header = {"typ": "JWT", "alg": "RS256", "kid": self.keys.kid}
        return self.keys.sign(header, claims(project, int(time.time())))

    def _ask(self, port: int, raw: bytes, *, keep: bool = True) -> bytes:
        body = ask(port, raw)[1]
        if keep:
            self.said.append(body)
        return body


def spellings(secret: str) -> list[bytes]:
    """A secret as itself, and as it stands in an Authorization header."""
    return [secret.encode(), base64.b64encode(f"__token__:{secret}".encode()), base64.b64encode(f"hana:{secret}".encode())]


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> tuple[Traffic, bytes]:
    """The traffic, and everything the process printed until it stopped."""
    scratch = tmp_path_factory.mktemp("canaries")
    spoken = Traffic(scratch)
    command = [str(BIN / "trustpub"), "serve", "--data", str(spoken.data), "--port", "0", "--config", str(scratch / "serve.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        spoken.run(int(json.loads(ready)["url"].rstrip("/").rsplit(":", 1)[1]))
        process.terminate()
        out, err = process.communicate(timeout=30)
    return spoken, ready + out + err


def test_nothing_is_said_or_logged(traffic: tuple[Traffic, bytes]) -> None:
    """No answer, no line of the process holds a secret."""
    spoken, printed = traffic
    heard = b"\n".join([printed, *spoken.said])
    found = [name for name, secret in spoken.secrets.items() for spelling in spellings(secret) if spelling in heard]

    assert [] == found
    assert len(spoken.said) > 10


def test_nothing_is_stored(traffic: tuple[Traffic, bytes]) -> None:
    """No file of the data folder holds a secret: tokens are kept as digests only."""
    spoken, _ = traffic
    files = [path for path in spoken.data.rglob("*") if path.is_file()]
    kept = b"\n".join(path.read_bytes() for path in files)
    found = [name for name, secret in spoken.secrets.items() for spelling in spellings(secret) if spelling in kept]

    assert [] == found
    assert b"package-0" in kept
