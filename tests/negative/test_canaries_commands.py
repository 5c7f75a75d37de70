"""Planted secrets: no command repeats one, in no format, and not when the others break, lie or echo what they are sent."""

from __future__ import annotations

import base64
import contextlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.world import NOW, World, checkout, world
from trustpub import cli
from trustpub.parties.issuer.github_claims import ISSUER, Job, github_claims
from trustpub.parties.wire import Request, Response

CANARIES = {
    "GitHub token": "ghp_canaryGitHub00000000000000000000000",
    "index token": "pypi-api_canaryIndex0000000000000000000",
    "runner's bearer": "canary-runner-bearer-0000",
    "upload token": "pypi-tp_canaryUpload000000000000000000",
    "stored password": "canaryStoredPassword",
    "token in a file": "pypi-AgEIcanaryInAFile00000000000000",
    "password of the remote": "canaryRemotePassword",
}
JOB = Job(owner="octo", repository="tool", workflow="release.yml", environment="pypi", ref="refs/tags/v1", event_name="push")
WORKFLOW = f"""
on:
  push: {{tags: ["v*"]}}
jobs:
  pypi:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: write-all
    env: {{TWINE_PASSWORD: {CANARIES["stored password"]}}}
    steps:
      - run: twine upload -u __token__ -p {CANARIES["token in a file"]} dist/*
      - uses: pypa/gh-action-pypi-publish@release/v1
      - uses: pypa/gh-action-pypi-publish@release/v1
        with: {{repository-url: "https://mine.example/legacy/", password: {CANARIES["stored password"]}}}
"""
DECLARED = """
[[publisher]]
project = "tool"
owner = "octo"
repository = "tool"
workflow = "release.yml"
environment = "pypi"

[[publisher]]
project = "tool"
index = "mine"
owner = "octo"
repository = "tool"
workflow = "release.yml"
environment = "pypi"

[indexes.mine]
url = "https://mine.example/legacy/"
"""


def id_token(audience: str) -> str:
    """An ID token that nobody signed."""
    claims = {**github_claims(JOB), "iss": ISSUER, "aud": audience, "iat": int(NOW), "exp": int(NOW) + 300, "jti": "1"}
    parts = ({"alg": "RS256", "kid": "k"}, claims)
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return f"{head}.{body}.Y2FuYXJ5"


def runner(request: Request) -> Response:
    """The token endpoint of the job."""
    audience = request.url.rpartition("audience=")[2]
    return Response(200, {}, json.dumps({"value": id_token(audience)}).encode())


def mine(request: Request) -> Response:
    """An index of one's own that takes everything."""
    path = request.url.partition("mine.example")[2].partition("?")[0]
    answers: dict[str, object] = {
        "/_/oidc/audience": {"audience": "mine"},
        "/_/oidc/mint-token": {"token": CANARIES["upload token"], "expires": 1},
        "/_/oidc/burn-token": {"success": True},
    }
    found = answers.get(path)
    body = json.dumps(found).encode() if found is not None else b"{}"
    return Response(200 if found is not None else 404, {"content-type": "application/json"}, body)


def echo(status: int) -> Callable[[Request], Response]:
    """A party that sends back what it got, as text, as JSON and as headers."""

    def answer(request: Request) -> Response:
        heard = " ".join([request.url, *request.headers.values(), request.body.decode("utf-8", "replace")])
        error = {"code": heard, "description": heard}
        body = {"message": heard, "errors": [error], "documentation_url": heard, "token": None, "audience": heard, "value": heard}
        return Response(
            status, {"content-type": "application/json", "x-accepted-github-permissions": heard}, json.dumps(body).encode()
        )

    return answer


def garbage(request: Request) -> Response:
    """HTML instead of JSON, with what was asked in it."""
    heard = " ".join([request.url, *request.headers.values()])
    return Response(200, {"content-type": "text/html"}, f"<html>{heard}".encode())


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A person with every kind of secret, in a job of CI, before a checkout with secrets written into it."""
    made = world(tmp_path, monkeypatch)
    made.github.add_user("octo")
    made.github.add_repository("octo", "tool")
    made.github.add_token(CANARIES["GitHub token"], "octo")
    made.others |= {"token.example": runner, "mine.example": mine}
    made.environment = {
        "GH_TOKEN": CANARIES["GitHub token"],
        "TRUSTPUB_TOKEN_MINE_EXAMPLE": CANARIES["index token"],
        "GITHUB_ACTIONS": "true",
        "GITHUB_JOB": "pypi",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.example/x?y=z",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": CANARIES["runner's bearer"],
    }
    made.pypi.project("tool", ("tool-1-py3-none-any.whl", "1"))
    root = checkout(tmp_path, {".github/workflows/release.yml": WORKFLOW, "trustpub.toml": DECLARED, "pyproject.toml": PROJECT})
    remote = f"https://hana:{CANARIES['password of the remote']}@github.com/octo/tool"
    (root / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {remote}\n')
    return made


PROJECT = '[project]\nname = "tool"\nversion = "1"\n'
COMMANDS = [
    *(["check", "--format", form] for form in ("text", "json", "sarif", "github", "html")),
    ["check", "--fix", "--unsafe-fixes", "--diff"],
    ["check", "--offline"],
    *(["predict", "--format", form] for form in ("text", "json")),
    *(["preflight", "--format", form] for form in ("text", "json", "github")),
    *(["preflight", "--index", index, "--exchange", "--create", "--format", "json"] for index in ("pypi", "mine")),
    *(["setup", *option] for option in (["--dry-run"], ["--check"], ["--yes"], ["--check", "--format", "json"])),
]
BREAKS: dict[str, Callable[[Request], Response] | None] = {
    "nothing": None,
    **{f"echo {status}": echo(status) for status in (200, 400, 401, 403, 404, 409, 422, 429, 500, 503)},
    "html": garbage,
}
PARTIES = ("api.github.com", "mine.example", "pypi.example", "upload.pypi.example", "token.example")


def said(there: World, words: list[str]) -> str:
    """Everything that a command says anywhere, whatever becomes of it; a crash counts with its text."""
    out, err = io.StringIO(), io.StringIO()
    there.said.clear()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.run([words[0], str(there.folder / "checkout"), *words[1:]], there)
        except Exception as problem:  # noqa: BLE001 - a defect must not tell either
            err.write(f"{type(problem)} {problem!r}")
    return "\n".join([out.getvalue(), err.getvalue(), *there.said])


def found(text: str) -> Iterator[str]:
    """The names of the secrets that stand in a text, also when they are only quoted or encoded."""
    for name, secret in CANARIES.items():
        spellings = (secret, base64.b64encode(secret.encode()).decode(), json.dumps(secret)[1:-1])
        if any(spelling in text for spelling in spellings):
            yield name
    for audience in ("pypi", "mine"):
        if id_token(audience).split(".")[1][:40] in text:
            yield "ID token"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("how", BREAKS)
def test_no_command_repeats_a_secret(there: World, words: list[str], how: str, long_run: bool) -> None:
    """Not in its results and not in its talk, whoever breaks: in a long run everybody in turn, in a short one a fifth of them."""
    breaking = BREAKS[how]
    first = 0 if long_run else (COMMANDS.index(words) + list(BREAKS).index(how)) % len(PARTIES)
    for party in PARTIES[first : None if long_run else first + 1] if breaking is not None else ("nobody",):
        intact = dict(there.others)
        if breaking is not None:
            there.others[party] = breaking
        text = said(there, words)
        there.others = intact

        assert [] == list(found(text)), f"{party}: {text}"


def test_the_secrets_are_used(there: World) -> None:
    """The canaries do reach those whom they are for: a test that sends none could not fail."""
    sent: list[str] = []

    def watched(name: str) -> Callable[[Request], Response]:
        answer = there.others.get(name, there.github.send)

        def send(request: Request) -> Response:
            sent.append(f"{name} {dict(request.headers)} {request.body!r}")
            return answer(request)

        return send

    there.others |= {name: watched(name) for name in ("api.github.com", "mine.example", "token.example")}
    said(there, ["check"])
    said(there, ["preflight", "--index", "mine", "--exchange", "--create"])
    heard = "\n".join(sent)

    assert {"GitHub token", "index token", "runner's bearer", "upload token", "ID token"} == set(found(heard))


def test_nothing_secret_is_kept(there: World) -> None:
    """Neither the cache nor the checkout holds a secret afterwards that was not there before."""
    for words in COMMANDS:
        said(there, words)
    kept = [path for path in (there.folder / "xdg").rglob("*") if path.is_file()]
    texts = "".join(path.read_bytes().decode("utf-8", "replace") for path in kept)

    assert kept
    assert [] == list(found(texts))


LOG = f"""
2026-09-21T10:00:00.0000000Z env: GH_TOKEN={CANARIES["GitHub token"]} UV_PUBLISH_TOKEN={CANARIES["token in a file"]}
error: Failed to obtain token for trusted publishing: {id_token("pypi")} was refused
Token request failed: {CANARIES["upload token"]}: the server refused the request for the following reasons:
* `invalid-publisher`: valid token, but no corresponding publisher (Publisher with matching claims was not found)
* `repository`: `octo/tool` {CANARIES["GitHub token"]}
* `environment`: `MISSING` {CANARIES["index token"]}
403 Invalid or non-existent authentication information. https://hana:{CANARIES["password of the remote"]}@pypi.example/legacy/
"""


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("how", BREAKS)
def test_an_explanation_repeats_no_secret(there: World, form: str, how: str) -> None:
    """A log may hold anything; what is quoted of it is evidence and no credential. The same for the log of a run."""
    log = there.folder / "release.log"
    log.write_text(LOG)
    there.github.add_workflow("octo/tool", ".github/workflows/release.yml")
    run = there.github.add_run("octo/tool", conclusion="failure")
    there.github.add_job("octo/tool", run, "publish", conclusion="failure", log=LOG)
    breaking = BREAKS[how]
    if breaking is not None:
        there.others["api.github.com"] = breaking
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        statuses = [
            cli.run(["explain", *words, "--path", str(there.folder / "checkout"), "--format", form], there)
            for words in ([str(log)], ["--run", str(run.id)])
        ]

    assert [0] == statuses[:1] if breaking is not None else [0, 0] == statuses
    assert [] == list(found(out.getvalue() + err.getvalue() + "\n".join(there.said)))
