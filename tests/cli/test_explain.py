"""`trustpub explain` as a person and as a program meet it: text, JSON, stdin, a run, exit statuses; no secret in any of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.inside import ENVIRONMENT, inside
from tests.domain.failures.samples import samples
from tests.parties.github.server import serve
from tests.usecases.checkouts import put
from trustpub.parties.github.fake import FakeGitHub

TRUSTPUB = Path(sys.executable).with_name("trustpub")
LOGS = {sample.name: sample.log for sample in samples()}
WORKFLOW = """\
on: {push: {tags: ['v*']}}
jobs:
  publish:
    environment: pypi
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
DECLARATION = """\
[[publisher]]
project = "demo"
owner = "octo"
repository = "demo"
workflow = "pypi.yml"
environment = "release"
"""
TOKEN = "ghp_" + "Secret0Token" * 3
SECRETS = (TOKEN, "pypi-AgEIcHlwaS5vcmcCJGQ0", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln")


def process(*words: str, home: Path, log: bytes = b"", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process in a home of its own, with a log on stdin if there is one."""
    environment = {**ENVIRONMENT, "HOME": str(home), **variables}
    command = [str(TRUSTPUB), "explain", *words]
    done = subprocess.run(command, env=environment, cwd=home, input=log, capture_output=True, check=False, timeout=60)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def explain(*words: str, home: Path, log: bytes = b"", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command here: the same, and quicker."""
    return inside("explain", *words, home=home, stdin=log, **variables)


def checkout(root: Path) -> Path:
    """The repository that the samples are from, with another environment declared than the job names."""
    files = {".github/workflows/pypi.yml": WORKFLOW, "pyproject.toml": '[project]\nname = "demo"\nversion = "1.0"\n'}
    files |= {".git/config": '[remote "origin"]\nurl = https://github.com/octo/demo.git\n', ".git/HEAD": "ref: refs/heads/main\n"}
    return put(root, files | {"trustpub.toml": DECLARATION})


def test_a_log_on_stdin(tmp_path: Path) -> None:
    """The cause, the line, what to do; exit status 0 because it was explained."""
    done = process(home=tmp_path, log=b"one\nis the `id-token: write` permission missing?\n")

    assert (0, "") == (done.returncode, done.stderr)
    assert (
        "id-token-permission (certain)\n"
        "  the job has no right to ask for an ID token\n"
        "  field  permissions\n"
        "  line 2: is the `id-token: write` permission missing?\n"
        "  fix    Give the job `permissions: {id-token: write}` (and `contents: read` if it checks out): a\n"
        "         job with any `permissions:` has no others. In a called workflow the calling job needs it\n"
        "         too.\n"
    ) == done.stdout


def test_nothing_known_is_said_in_words(tmp_path: Path) -> None:
    """Exit status 1; in JSON an empty list."""
    done = explain(home=tmp_path, log=b"NameError: name 'x' is not defined\n")
    assert (1, True) == (
        done.returncode,
        done.stdout.startswith("Nothing in this log is a failure of publishing that trustpub knows."),
    )
    done = explain("--format", "json", home=tmp_path)
    assert (1, {"causes": []}) == (done.returncode, json.loads(done.stdout))


def test_a_packed_log_is_to_be_unpacked(tmp_path: Path) -> None:
    """GitHub hands out the logs of a run as an archive: that nothing in it is known would be no answer."""
    (tmp_path / "logs.zip").write_bytes(b"PK\x03\x04...")
    done = explain("logs.zip", home=tmp_path)

    assert (2, "") == (done.returncode, done.stdout)
    assert "the log `logs.zip`: it is packed. Unpack it" in done.stderr


def test_without_any_standard_input(tmp_path: Path) -> None:
    """Some services start their programs so; it is one line and status 2."""
    command = ["/bin/sh", "-c", f'exec "{TRUSTPUB}" explain 0<&-']
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60)

    assert (2, "trustpub: the log: there is no standard input to read it from. Name a file\n") == (done.returncode, done.stderr)


def test_the_json_has_the_contract_s_keys(tmp_path: Path) -> None:
    """With the checkout at hand: the field, both values, how sure, the lines, the fix."""
    (tmp_path / "log.txt").write_bytes(LOGS["wrong-environment.uv"])
    done = explain("log.txt", "--path", str(checkout(tmp_path / "demo")), "--format", "json", home=tmp_path)
    (cause,) = json.loads(done.stdout)["causes"]

    assert (0, "invalid-publisher", "environment", "certain") == (
        done.returncode,
        cause["code"],
        cause["field"],
        cause["confidence"],
    )
    assert ("release", "pypi") == (cause["expected"], cause["got"])
    assert all(set(each) == {"line", "text"} for each in cause["evidence"])
    assert cause["fix"]


def test_the_checkout_here_is_used(tmp_path: Path) -> None:
    """Without `--path`, the current folder when it has a workflow."""
    done = explain(home=checkout(tmp_path), log=LOGS["wrong-environment.action"])

    assert "the publisher of `demo` on pypi has the environment `release`, the token said `pypi`" in done.stdout
    assert "field  environment: the publisher has `release`, the token `pypi`" in done.stdout


def test_a_checkout_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """The one here is left out and that is said; one that was asked for is an error of the input."""
    (checkout(tmp_path) / "trustpub.toml").write_text("[[publisher]]\n")
    done = explain(home=tmp_path, log=LOGS["no-publisher.uv"])
    assert (0, True) == (done.returncode, "the checkout here is left out: trustpub.toml: publisher[1].project" in done.stderr)
    done = explain("--path", ".", home=tmp_path, log=LOGS["no-publisher.uv"])
    assert (2, "") == (done.returncode, done.stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.txt"], "the log `nothing.txt`: no such file or directory"),
        (["."], "the log `.`: is a directory"),
        (["--run", "x"], "--run `x`: neither the number nor the address of a run"),
        (["--run", "7"], "--run: a number alone says no repository"),
        (["log.txt", "--run", "7"], "--run: a log was given as well: `log.txt`"),
        (["--run", "https://git.example/o/r/actions/runs/7"], "--run: `git.example` is not known to be a GitHub"),
        (["--path", "nowhere"], "nowhere: no such folder"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    """Exit status 2, nothing on stdout, one line that names what is wrong."""
    done = explain(*words, home=tmp_path)

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert said in done.stderr


def github() -> tuple[FakeGitHub, str]:
    """A GitHub with one failed run: an environment refused one job, the index the other."""
    fake = FakeGitHub()
    fake.add_user("octo")
    fake.add_token(TOKEN, "octo", scopes=["repo"])
    fake.add_repository("octo", "demo")
    run = fake.add_run("octo/demo", path=".github/workflows/pypi.yml", conclusion="failure")
    fake.add_job("octo/demo", run, "build", log="all is well: File already exists (400)")
    said = 'Tag "v1.0" is not allowed to deploy to pypi due to environment protection rules.'
    fake.add_job("octo/demo", run, "publish", conclusion="failure", started=False, annotations=[said])
    log = LOGS["wrong-environment.uv"].decode() + f"\n{TOKEN}\n"
    fake.add_job("octo/demo", run, "publish-testpypi", conclusion="failure", log=log)
    return fake, str(run.id)


def test_a_run_is_read_from_github(tmp_path: Path) -> None:
    """The failed jobs' logs and what stands beside them; a job that went well is not read."""
    fake, run = github()
    with serve(fake) as server:
        address = f"https://github.com/octo/demo/actions/runs/{run}"
        done = process("--run", address, "--format", "json", home=tmp_path, GITHUB_API_URL=server.api, GH_TOKEN=TOKEN)
    causes = json.loads(done.stdout)["causes"]

    assert 0 == done.returncode, done.stderr
    assert ["environment-refuses-tag", "invalid-publisher"] == [cause["code"] for cause in causes]
    assert {"publish"} == {each["job"] for each in causes[0]["evidence"]}
    assert {"publish-testpypi"} == {each["job"] for each in causes[1]["evidence"]}
    assert TOKEN not in done.stdout + done.stderr


def test_a_run_by_its_number(tmp_path: Path) -> None:
    """The checkout's remote says whose run it is; a number that GitHub does not know is said."""
    fake, run = github()
    home = checkout(tmp_path)
    with serve(fake) as server:
        done = explain("--run", run, home=home, GITHUB_API_URL=server.api, GH_TOKEN=TOKEN)
        missing = explain("--run", "999999", home=home, GITHUB_API_URL=server.api, GH_TOKEN=TOKEN)

    assert (0, True) == (done.returncode, 'publish: Tag "v1.0" is not allowed to deploy' in done.stdout)
    assert (2, True) == (missing.returncode, "`octo/demo` has no run `999999`" in missing.stderr)


def test_a_checkout_of_another_repository_is_left_out(tmp_path: Path) -> None:
    """The folder here is of `octo/demo`, the run of another repository: nothing is compared."""
    fake, _ = github()
    fake.add_repository("octo", "else")
    run = fake.add_run("octo/else", conclusion="failure")
    fake.add_job("octo/else", run, "publish", conclusion="failure", log=LOGS["no-permission.uv"].decode())
    with serve(fake) as server:
        address = f"https://github.com/octo/else/actions/runs/{run.id}"
        done = explain("--run", address, home=checkout(tmp_path), GITHUB_API_URL=server.api, GH_TOKEN=TOKEN)

    assert (0, True, False) == (done.returncode, "id-token-permission" in done.stdout, "In this checkout" in done.stdout)


def test_a_github_that_does_not_answer(tmp_path: Path) -> None:
    """Exit status 3 and one line."""
    address = "https://github.com/octo/demo/actions/runs/7"
    done = explain("--run", address, home=tmp_path, GITHUB_API_URL="http://127.0.0.1:9", GH_TOKEN=TOKEN)

    assert (3, "") == (done.returncode, done.stdout)
    assert TOKEN not in done.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_repeated(tmp_path: Path, form: str) -> None:
    """Credentials on the very lines that are shown, in every format."""
    log = "\n".join(
        f"{secret} invalid-publisher {secret} no corresponding publisher repository: `{secret}` sub: `{secret}`"
        for secret in SECRETS
    )
    done = explain("--format", form, home=tmp_path, log=log.encode())

    assert 0 == done.returncode
    for secret in SECRETS:
        assert secret not in done.stdout + done.stderr


def test_a_log_cannot_drive_a_terminal(tmp_path: Path) -> None:
    """Escapes of the log never come out."""
    done = explain(home=tmp_path, log=b"\x1b]0;title\x07\x9b31m invalid-publisher \x1b[2J\x07\n")

    assert "invalid-publisher" in done.stdout
    assert all(char.isprintable() or char == "\n" for char in done.stdout)
