"""The scenes: each way to fail that can be played with real clients, and the cause that `explain` has to name first."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.failures.theatre import JOB, Play, Theatre, answer, row
from trustpub.domain.tokens import LIFETIME
from trustpub.parties.issuer.github_claims import github_claims
from trustpub.usecases.attacks_on_upload import small_wheel

FITS = ((row(), "demo"),)
HTML = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
CLIENTS = ("uv", "twine", "action", "pdm")


@dataclass(frozen=True)
class Scene:
    """One way to fail: what is played, which clients can, the expected first cause and its field, what each client is told."""

    name: str
    code: str
    play: Callable[[], Play]
    differs: str = ""
    clients: tuple[str, ...] = ("uv", "twine", "action")
    extra: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    path: str = "/legacy/"
    in_ci: bool = True
    codes: Mapping[str, str] = field(default_factory=dict)
    """Another expected cause, for clients that tell less."""
    wheel: Callable[[], tuple[str, bytes]] = lambda: small_wheel("demo")[:2]
    prepare: Callable[[Theatre], dict[str, str]] = lambda _: {}


def _job(**changes: str | bool) -> Mapping[str, object]:
    return github_claims(replace(JOB, **changes))  # type: ignore[arg-type]


def _mint(theatre: Theatre, **claims: str) -> str:
    token = theatre.wire.exchange(theatre.sign(**claims)).token
    assert token, "the exchange that a scene needs was refused"
    return token


def _reused(theatre: Theatre) -> dict[str, str]:
    theatre.wire.exchange(theatre.sign())
    return {}


def _late(theatre: Theatre) -> None:
    theatre.ahead = LIFETIME + 60.0


def _token(theatre: Theatre, token: str) -> dict[str, str]:
    return {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": token, "UV_PUBLISH_TOKEN": token,
            "PDM_PUBLISH_USERNAME": "__token__", "PDM_PUBLISH_PASSWORD": token}  # fmt: skip


def _burnt(theatre: Theatre) -> dict[str, str]:
    token = _mint(theatre)
    theatre.wire.burn(token)
    return _token(theatre, token)


def _file_there(theatre: Theatre) -> dict[str, str]:
    """The same file name with other bytes is in the index already."""
    _, _, fields = small_wheel("demo")
    name, body = _wheel(more="Summary: another build\n")
    digest = hashlib.sha256(body).hexdigest()
    done = theatre.wire.upload(_mint(theatre), fields | {"sha256_digest": digest}, name, body)
    assert done.accepted, done
    return {}


def _wheel(project: str = "demo", version: str = "1.0", tag: str = "py3-none-any", more: str = "") -> tuple[str, bytes]:
    """A complete wheel whose name or metadata is what a scene needs."""
    inside = f"{project}-{version}.dist-info"
    members = {
        f"{inside}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n{more}",
        f"{inside}/WHEEL": f"Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{path},sha256={_record_hash(body)},{len(body)}\n" for path, body in members.items())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, body in (members | {f"{inside}/RECORD": f"{record}{inside}/RECORD,,\n"}).items():
            archive.writestr(path, body)
    return f"{project}-{version}-{tag}.whl", stream.getvalue()


def _record_hash(body: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body.encode()).digest()).rstrip(b"=").decode()


def _play(**parts: object) -> Callable[[], Play]:
    return lambda: Play(**{"pending": FITS, **parts})  # type: ignore[arg-type]


def _linked(**parts: object) -> Callable[[], Play]:
    """The project exists, with an ordinary publisher."""
    return _play(pending=(), projects=(("demo", (row(),)),), **parts)


ALL = CLIENTS
PUBLISHER, MINT, AUDIENCE, LEGACY = "invalid-publisher", "POST /_/oidc/mint-token", "GET /_/oidc/audience", "POST /legacy/"
OFF = "Trusted publishing functionality not enabled"
QUIET = {"pdm": "exchange-refused"}

SCENES = (
    Scene("wrong-environment", PUBLISHER, _play(pending=((row(environment="release"), "demo"),)), clients=ALL, codes=QUIET),
    Scene("no-environment", PUBLISHER, _play(job=_job(environment="")), clients=("uv", "action")),
    Scene("wrong-workflow", PUBLISHER, _play(pending=((row(workflow_filename="release.yml"), "demo"),))),
    Scene("wrong-owner-id", PUBLISHER, _play(pending=((row(repository_owner_id="1002"), "demo"),))),
    Scene("other-repository", PUBLISHER, _play(pending=((row(repository_name="demo2"), "demo"),))),
    Scene("no-publisher", PUBLISHER, _play(pending=()), clients=ALL, codes=QUIET),
    Scene("name-taken", "project-exists", _play(projects=(("demo", ()),)), clients=ALL, codes=QUIET),
    Scene("similar-name", "project-name", _play(pending=((row(), "dem0"),), projects=(("demo", ()),))),
    Scene("standard-library-name", "project-name", _play(pending=((row(), "json"),)), clients=("uv", "twine")),
    Scene("used-token", "token-reused", _play(job={**_job(), "jti": "11111111-2222"}), prepare=_reused),
    Scene("expired-token", "invalid-token", _play(job={**_job(), "iat": 1700000000, "nbf": 1700000000, "exp": 1700000300})),
    Scene("wrong-audience", "invalid-token", _play(answers={AUDIENCE: answer(200, {"audience": "testpypi"})})),
    Scene("unknown-issuer", "unknown-issuer", _play(issuer="https://github.example.com/_services/token"), differs="iss"),
    Scene("no-permission", "id-token-permission", _play(may_ask=False), differs="permissions", clients=ALL),
    Scene(
        "no-permission-automatic",
        "id-token-permission",
        _play(may_ask=False),
        differs="permissions",
        clients=("uv",),
        words=("--trusted-publishing", "automatic"),
    ),
    Scene("automatic-mode", PUBLISHER, _play(pending=()), clients=("uv",), words=("--trusted-publishing", "automatic")),
    Scene(
        "pull-request-target", "pull-request-target", _linked(job=_job(event_name="pull_request_target")), differs="event_name"
    ),
    Scene(
        "called-elsewhere",
        "reusable-workflow",
        _linked(job=_job(called="octo/shared/.github/workflows/pypi.yml@refs/tags/v3")),
        differs="job_workflow_ref",
    ),
    Scene("called-other-file", PUBLISHER, _play(job=_job(called="octo/demo/.github/workflows/_publish.yml@refs/tags/v1.0"))),
    Scene("publishing-off", "trusted-publishing-off", _play(answers={AUDIENCE: answer(403, {"message": OFF})})),
    Scene(
        "github-off",
        "trusted-publishing-off",
        _play(
            answers={
                MINT: answer(
                    422,
                    {
                        "message": "Token request failed",
                        "errors": [{"code": "not-enabled", "description": f"GitHub {OFF[:1].lower()}{OFF[1:]}"}],
                    },
                )
            }
        ),
        clients=("uv", "twine", "action"),
    ),
    Scene("no-trusted-publishing", "no-trusted-publishing", _play(answers={AUDIENCE: answer(404, "Not Found")})),
    Scene("audience-503", "index-outage", _play(answers={AUDIENCE: answer(503, HTML)}), clients=("uv", "action")),
    Scene("mint-502", "index-outage", _play(answers={MINT: answer(502, HTML)})),
    Scene(
        "mint-without-errors", "foreign-answer", _play(answers={MINT: answer(422, {"detail": "no"})}), clients=("twine", "action")
    ),
    Scene("mint-without-token", "foreign-answer", _play(answers={MINT: answer(200, {"success": True})})),
    Scene("plain-http", "plain-http", _play(tls=False), clients=("uv", "action"), codes={}),
    Scene("other-project-name", "project-name-differs", _play(pending=((row(), "another"),)), clients=("uv", "twine")),
    Scene(
        "token-of-other-project",
        "token-of-other-project",
        _play(pending=(), projects=(("another", (row(),)), ("demo", ()))),
        clients=("uv", "twine"),
    ),
    Scene("late-upload", "upload-token-expired", _play(before={LEGACY: _late}), clients=("uv", "twine")),
    Scene(
        "burnt-token",
        "upload-credential",
        _play(),
        prepare=_burnt,
        clients=("uv", "twine"),
        words=("--trusted-publishing", "never"),
    ),
    Scene(
        "garbage-token",
        "upload-credential",
        _play(),
        prepare=lambda t: _token(t, "not-a-token-at-all"),
        clients=("uv", "twine"),
        words=("--trusted-publishing", "never"),
    ),
    Scene(
        "password",
        "password-refused",
        _play(),
        clients=("uv", "twine"),
        words=("--trusted-publishing", "never"),
        extra={
            "TWINE_USERNAME": "mona",
            "TWINE_PASSWORD": "hunter2hunter2",
            "UV_PUBLISH_USERNAME": "mona",
            "UV_PUBLISH_PASSWORD": "hunter2hunter2",
        },
    ),
    Scene("file-exists", "file-exists", _play(), prepare=_file_there, clients=("uv", "twine")),
    Scene("local-version", "local-version", _play(), wheel=lambda: _wheel(version="1.0+g123"), clients=("uv", "twine")),
    Scene("platform-tag", "platform-tag", _play(), wheel=lambda: _wheel(tag="py3-none-linux_x86_64"), clients=("uv", "twine")),
    Scene("no-slash", "upload-address", _play(), clients=("pdm",), path="/legacy"),
    Scene("simple-address", "upload-address", _play(), clients=("uv", "pdm"), path="/simple/", codes={"pdm": "upload-address"}),
    Scene("always-and-token", "credentials-and-always", _play(), clients=("uv",), extra={"UV_PUBLISH_TOKEN": "pypi-" + "x" * 40}),
    Scene("not-in-ci", "not-in-ci", _play(), in_ci=False, clients=("uv", "twine")),
    Scene(
        "gitlab-without-variable",
        "id-token-variable",
        _play(),
        in_ci=False,
        extra={"GITLAB_CI": "true"},
        clients=("uv", "twine", "pdm"),
        differs="id_tokens",
    ),
    Scene("skip-existing", "skip-existing", _play(), clients=("twine",), words=("--skip-existing",), extra={"own": "1"}),
    Scene("no-files", "no-distributions", _play(), clients=("uv", "twine"), wheel=lambda: ("", b"")),
    Scene("attestation-missing", "attestations-missing", _play(), clients=("twine",), words=("--attestations",)),
)


def command(theatre: Theatre, scene: Scene, client: str, wheel: str) -> tuple[list[str], dict[str, str]]:
    """The words that start a client, and its own variables."""
    scripts = Path(os.environ.get("TRUSTPUB_CLIENTS") or Path(sys.executable).parent)
    own = theatre.local + scene.path
    if client == "uv":
        mode = [] if "--trusted-publishing" in scene.words else ["--trusted-publishing", "always"]
        insecure = ["--allow-insecure-host", f"127.0.0.1:{theatre.server.port}"]
        return [str(scripts / "uv"), "publish", "--no-progress", *mode, *scene.words, "--publish-url", own, *insecure, wheel], {}
    if client == "twine":
        words = [word for word in scene.words if word not in ("--trusted-publishing", "automatic", "never")]
        where = ["--repository-url", own.replace("http:", "https:")] if "own" in scene.extra else ["-r", "pypi"]
        return [str(scripts / "twine"), "upload", "--disable-progress-bar", *words, *where, wheel], {}
    if client == "pdm":
        return [os.environ["TRUSTPUB_PDM"], "publish", "--no-build", "-r", own], {}
    url = theatre.upload_url if scene.play().tls else theatre.local.replace("http:", "https:") + "/legacy/"
    return [str(scripts / "python"), os.environ["TRUSTPUB_ACTION_SCRIPT"]], {"INPUT_REPOSITORY-URL": url}


def perform(theatre: Theatre, scene: Scene, client: str) -> str:
    """Play one scene with one client and return what it printed."""
    dist = theatre.folder / "dist"
    dist.mkdir()
    name, content = scene.wheel()
    if name:
        (dist / name).write_bytes(content)
    variables = {key: value for key, value in scene.extra.items() if key != "own"} | scene.prepare(theatre)
    if client == "pdm":
        (theatre.folder / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1.0"\n', "utf-8")
    words, own = command(theatre, scene, client, f"dist/{name}" if name else "dist/*")
    output = theatre.run(words, own | variables, in_ci=scene.in_ci)
    shutil.rmtree(dist)
    return output


def available(client: str) -> bool:
    """Whether this machine has the client: two of them are not installed with the project."""
    variable = {"pdm": "TRUSTPUB_PDM", "action": "TRUSTPUB_ACTION_SCRIPT"}.get(client)
    return variable is None or variable in os.environ
