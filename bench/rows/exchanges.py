"""Durable exchanges a second: distinct, pre-signed ID tokens from eight clients, each a new upload token on disk."""

from __future__ import annotations

import json
import statistics
import time
import uuid
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from bench.load import Plan
from bench.server import cli, cpu_seconds, drive, folder, ours
from bench.table import Line, say
from trustpub.domain.claims import JSON
from trustpub.parties.issuer.signing import SigningKey

ISSUER = "https://token.actions.githubusercontent.com"
CLIENTS, SECONDS, RUNS, PROJECTS = 8, 10.0, 3, 8
TOKENS = 24_000
CONFIG = """
[index]
audience = "pypi"

[[issuers]]
kind = "github"
url = "{issuer}"
jwks = "{jwks}"
"""


def claims(project: int, now: int) -> dict[str, JSON]:
    """What GitHub would say of one publishing job of the project's repository."""
    repository, ref = f"acme/package-{project}", "refs/tags/v1.0.0"
    workflow = f"{repository}/.github/workflows/pypi.yml@{ref}"
    return {
        "jti": str(uuid.uuid4()), "sub": f"repo:{repository}:environment:pypi", "aud": "pypi", "iss": ISSUER,
        "exp": now + 3500, "nbf": now - 60, "iat": now - 1,
        "ref": ref, "ref_type": "tag", "ref_protected": "true", "sha": "0123456789abcdef0123456789abcdef01234567",
        "repository": repository, "repository_owner": "acme", "repository_id": str(1000 + project), "repository_owner_id": "4242",
        "repository_visibility": "public", "run_id": "1", "run_number": "1", "run_attempt": "1", "actor": "hana", "actor_id": "7",
        "workflow": "publish", "workflow_ref": workflow, "workflow_sha": "0123456789abcdef0123456789abcdef01234567",
        "job_workflow_ref": workflow, "job_workflow_sha": "0123456789abcdef0123456789abcdef01234567",
        "event_name": "push", "runner_environment": "github-hosted", "environment": "pypi", "head_ref": "", "base_ref": "",
    }  # fmt: skip


def mint_request(token: str) -> bytes:
    """One exchange as a client sends it."""
    body = json.dumps({"token": token}).encode()
    head = (
        "POST /_/oidc/mint-token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def sign(keys: SigningKey, count: int, projects: int = PROJECTS) -> list[bytes]:
    """Distinct tokens, signed before the clock of the measurement starts."""
    now = int(time.time())
    header = {"typ": "JWT", "alg": "RS256", "kid": keys.kid}
    return [mint_request(keys.sign(header, claims(number % projects, now))) for number in range(count)]


def prepare(scratch: Path, keys: SigningKey, projects: int = PROJECTS, more: str = "") -> str:
    """Make the data folder with a pending publisher for each project; returns the server's configuration, `more` within it."""
    jwks, settings = scratch / "jwks.json", scratch / "admin.toml"
    jwks.write_text(json.dumps({"keys": [keys.jwk()]}))
    settings.write_text(CONFIG.format(issuer=ISSUER, jwks=jwks).replace("[index]\n", f"[index]\n{more}\n", 1))
    admin = ("admin", "--data", str(scratch / "data"), "--config", str(settings))
    cli(*admin, "user", "add", "hana", "--email", "hana@acme.example")
    for number in range(projects):
        cli(
            *admin, "publisher", "add", f"package-{number}", "--provider", "github", "--owner", "acme",
            "--owner-id", "4242", "--repository", f"package-{number}", "--workflow", "pypi.yml", "--environment", "pypi",
            "--pending", "--user", "hana",
        )  # fmt: skip
    return settings.read_text()


def raw_speed() -> float:
    """What this processor does alone: signature checks a second, as a yardstick for the machine of the day."""
    key, data = rsa.generate_private_key(65537, 2048), b"x" * 900
    signature, public = key.sign(data, PKCS1v15(), SHA256()), key.public_key()
    start = time.perf_counter()
    for _ in range(5_000):
        public.verify(signature, data, PKCS1v15(), SHA256())
    return 5_000 / (time.perf_counter() - start)


def measure(side: str, port: int, pid: int, keys: SigningKey, scratch: Path, *, budget: bool) -> None:
    """Rate and tail, three runs, each with tokens never seen before."""
    drive(Plan("127.0.0.1", port, CLIENTS, 5, sign(keys, 4 * PROJECTS), holds=b'"success"'), scratch)
    results = []
    for _ in range(RUNS):
        requests, before = sign(keys, TOKENS), cpu_seconds(pid)
        result = drive(Plan("127.0.0.1", port, CLIENTS, SECONDS, requests, holds=b'"success"'), scratch)
        result["cpu_ms"] = 1000 * (cpu_seconds(pid) - before) / result["answers"]
        results.append(result)
    rates, tails = tuple(r["rate"] for r in results), tuple(r["p99_ms"] for r in results)
    fast, even = (statistics.median(rates) >= 1_500, statistics.median(tails) <= 20) if budget else (None, None)
    say(Line("exchanges", side, "a second", rates, ">= 1,500" if budget else "", fast))
    say(Line("exchanges", side, "p99 ms", tails, "<= 20" if budget else "", even))
    say(Line("exchanges", side, "server CPU ms each", tuple(r["cpu_ms"] for r in results)))


def run() -> None:
    """Print the row."""
    keys = SigningKey.generate()
    say(Line("exchanges", "bare RS256 verify", "a second", (raw_speed(),)))
    with folder() as scratch:
        config = prepare(scratch, keys)
        with ours(scratch / "data", config) as (port, pid):
            measure("trustpub serve", port, pid, keys, scratch, budget=True)
