"""Which steps upload a package, where to, and what they bring to be let in.

Three tools are known: the publish action, `uv publish` and `twine upload`. A command is one function that looks at its words, so
another is one more function in `_TOOLS`. Values are texts as the file has them, `${{ }}` included: they are evaluated for each
example run.
Mirrors: the inputs of pypa/gh-action-pypi-publish, the options and variables of uv and twine (uv 0.13, twine 7).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.model import word
from trustpub.workflows.shell import Command, commands, expand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trustpub.workflows.model import Step

PUBLISH_ACTION = "pypa/gh-action-pypi-publish"


class Destination(NamedTuple):
    """Where an upload goes. `kind` is "default", "url" or "name"; `value` is the text of the address or the name."""

    kind: str
    value: str = ""


class Upload(NamedTuple):
    """One upload that a step makes.

    `tool` is "action", "uv" or "twine"; `offset` where its command begins in `run` (0 for an action). `secrets` are the texts
    given as password or token, `user` the user's name when one is given. `mode` is uv's "automatic", "always" or "never". `files`
    are the arguments that name distributions, or the action's folder.
    """

    tool: str
    offset: int
    destination: Destination
    secrets: tuple[str, ...]
    user: str
    mode: str
    files: tuple[str, ...]


def uploads(step: Step, environment: Mapping[str, str]) -> tuple[Upload, ...]:
    """List the uploads of a step. `environment` holds the variables of workflow and job; the step's own are added here."""
    variables = {**environment, **{name: word(node) for name, node in step.env.items()}}
    if step.uses is not None:
        return tuple(_action(step, step.uses.value))
    if step.run is None or word(step.shell).startswith(("python", "node")):
        return ()
    if "publish" not in step.run.value and "upload" not in step.run.value:
        return ()
    return tuple(_script(word(step.run), variables))


def _action(step: Step, uses: str) -> Iterator[Upload]:
    name = uses.partition("@")[0].removeprefix("docker://ghcr.io/").partition(":")[0]
    if name.lower() != PUBLISH_ACTION:
        return
    inputs = {key.lower().replace("_", "-"): word(node) for key, node in step.with_.items()}
    url = inputs.get("repository-url", "").strip()
    yield Upload(
        tool="action",
        offset=0,
        destination=Destination("url", url) if url else Destination("default"),
        secrets=(inputs["password"],) if inputs.get("password") else (),
        user=inputs.get("user", "") if inputs.get("user") != "__token__" else "",
        mode="automatic",
        files=(inputs.get("packages-dir") or inputs.get("packages-directory") or "dist",),
    )


def _script(script: str, variables: dict[str, str]) -> Iterator[Upload]:
    known = dict(variables)
    for command in commands(script):
        words = command.words
        if not words or words[0].text == "export":
            _remember(command, known)
            continue
        local = {**known, **{name: expand(value, known) for name, value in command.variables}}
        texts = [expand(w, local) for w in words]
        for tool in _TOOLS:
            if (upload := tool(texts, local, command)) is not None:
                yield upload


def _remember(command: Command, known: dict[str, str]) -> None:
    """Keep what a script sets for its later commands: `NAME=value` and `export NAME=value`."""
    for name, value in command.variables:
        known[name] = expand(value, known)
    for item in command.words[1:]:
        name, equals, text = item.text.partition("=")
        if equals:
            known[name] = expand(item._replace(text=text), known)


class _Options(NamedTuple):
    values: Mapping[str, str]
    rest: tuple[str, ...]


def _options(texts: list[str], taking: Mapping[str, str], flags: Mapping[str, str]) -> _Options:
    """Read `--name value`, `--name=value` and `-n value`; names that are not known are taken for flags."""
    values: dict[str, str] = {}
    rest: list[str] = []
    waiting = ""
    for text in texts:
        name, equals, value = text.partition("=")
        if waiting:
            values[waiting] = text
            waiting = ""
        elif name in taking and equals:
            values[taking[name]] = value
        elif name in taking:
            waiting = taking[name]
        elif name in flags:
            values[flags[name]] = value or "true"
        elif not text.startswith("-"):
            rest.append(text)
    return _Options(values, tuple(rest))


_RUNNERS = (
    ("uv", "tool", "run"),
    ("uv", "run"),
    ("pipx", "run"),
    ("poetry", "run"),
    ("pdm", "run"),
    ("hatch", "run"),
    ("rye", "run"),
    ("uvx",),
)
"""Programs that run another program, named after their own options."""
_RUNNER_OPTIONS = frozenset(
    ("--with", "--from", "--python", "-p", "--spec", "--group", "--extra", "--project", "--directory", "--index")
)


def _after_runner(texts: list[str]) -> list[str]:
    """Take `uv run --with x`, `pipx run` and `python -m` off the front of a command."""
    for runner in _RUNNERS:
        if tuple(texts[: len(runner)]) == runner:
            return _after_python(_without_options(texts[len(runner) :]))
    return _after_python(texts)


def _without_options(texts: list[str]) -> list[str]:
    while texts and texts[0].startswith("-"):
        texts = texts[2:] if texts[0] in _RUNNER_OPTIONS else texts[1:]
    return texts


def _after_python(texts: list[str]) -> list[str]:
    if texts and re.fullmatch(r"(?:.*/)?(?:python[0-9.]*|py)(?:\.exe)?", texts[0]) and "-m" in texts[1:4]:
        return texts[texts.index("-m") + 1 :]
    return texts


_TWINE_TAKING = {
    "-r": "repository", "--repository": "repository", "--repository-url": "url", "-u": "user", "--username": "user",
    "-p": "password", "--password": "password", "-c": "comment", "--comment": "comment", "--config-file": "config",
    "-i": "identity", "--identity": "identity", "--sign-with": "sign", "--cert": "cert", "--client-cert": "client-cert",
}  # fmt: skip


def _twine(texts: list[str], variables: Mapping[str, str], command: Command) -> Upload | None:
    texts = _after_runner(texts)
    if len(texts) < 2 or texts[0].rsplit("/", 1)[-1].partition("@")[0].partition("==")[0] != "twine" or texts[1] != "upload":
        return None
    options = _options(texts[2:], _TWINE_TAKING, {})
    url = options.values.get("url") or variables.get("TWINE_REPOSITORY_URL", "")
    name = options.values.get("repository") or variables.get("TWINE_REPOSITORY", "")
    user = options.values.get("user") or variables.get("TWINE_USERNAME", "")
    secret = options.values.get("password") or variables.get("TWINE_PASSWORD", "")
    destination = Destination("url", url) if url else Destination("name", name) if name else Destination("default")
    user = "" if user == "__token__" else user
    return Upload("twine", command.start, destination, (secret,) if secret else (), user, "automatic", options.rest)


_UV_TAKING = {
    "--publish-url": "url", "--index": "index", "--trusted-publishing": "mode", "-t": "token", "--token": "token", "-u": "user",
    "--username": "user", "-p": "password", "--password": "password", "--check-url": "check", "--keyring-provider": "keyring",
    "--config-file": "config", "--directory": "directory", "--project": "project", "--default-index": "default-index",
}  # fmt: skip


def _uv(texts: list[str], variables: Mapping[str, str], command: Command) -> Upload | None:
    texts = _after_runner(texts)
    if not texts or texts[0].rsplit("/", 1)[-1] != "uv":
        return None
    after = _without_options(texts[1:])
    if not after or after[0] != "publish":
        return None
    options = _options(after[1:], _UV_TAKING, {"--dry-run": "dry"})
    if options.values.get("dry") == "true":
        return None
    values = options.values
    url = values.get("url") or variables.get("UV_PUBLISH_URL", "")
    name = values.get("index") or variables.get("UV_PUBLISH_INDEX", "")
    given = (
        values.get("token") or variables.get("UV_PUBLISH_TOKEN", ""),
        values.get("password") or variables.get("UV_PUBLISH_PASSWORD", ""),
    )
    user = values.get("user") or variables.get("UV_PUBLISH_USERNAME", "")
    mode = values.get("mode") or variables.get("UV_TRUSTED_PUBLISHING", "automatic")
    destination = Destination("url", url) if url else Destination("name", name) if name else Destination("default")
    secrets = tuple(secret for secret in given if secret)
    return Upload("uv", command.start, destination, secrets, "" if user == "__token__" else user, mode, options.rest)


_TOOLS: tuple[Callable[[list[str], Mapping[str, str], Command], Upload | None], ...] = (_twine, _uv)
