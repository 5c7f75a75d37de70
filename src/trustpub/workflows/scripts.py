"""Scripts read for uploads: command by command, with the variables that they set, and through wrappers into other files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.workflows import tools
from trustpub.workflows.publishing import TELLING
from trustpub.workflows.scene import joined
from trustpub.workflows.shell import expand
from trustpub.workflows.tools.runners import called
from trustpub.workflows.upload import Unread, Via

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.scene import Scene
    from trustpub.workflows.shell import Command
    from trustpub.workflows.tools.runners import Called
    from trustpub.workflows.upload import Upload
    from trustpub.workflows.wrappers.wrapped import Wrapped

MOST_WRAPPERS = 3
"""How deep wrappers in wrappers are followed."""
_SETTING = frozenset(("export", "declare", "local", "readonly", "typeset"))
_TALKING = frozenset(("echo", "printf", "cat", "tee", "Out-File", "Write-Output", "Write-Host", "Add-Content"))
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "su", "eval", "pwsh", "powershell", "cmd"))
_TELLING_OR_LEAVING = lazy_pattern(rf"{TELLING.pattern}|install|GITHUB_ENV|pypirc|config")
"""The same, and what a script holds that leaves something for later steps."""
MAY_PUBLISH = lazy_pattern(r"(?<![a-z])(?:publish|release|upload|deploy|pypi)(?![a-rt-z])", re.IGNORECASE)
"""Names of scripts and targets that may well publish."""


def read_script(script: str, variables: dict[str, str], scene: Scene, depth: int = 0) -> Iterator[Upload | Unread]:
    """Yield the uploads of a script, and what may publish but could not be read. `variables` are those that the script sees."""
    if not (TELLING if depth else _TELLING_OR_LEAVING).search(script) or (depth and not scene.may_go_on()):
        return
    known = dict(variables)
    here = scene
    for command in scene.commands(script):
        words = [word.text for word in command.words]
        if not words or words[0] in _SETTING or (words[0] == "set" and scene.shell == "cmd"):
            _remember(command, known)
            continue
        local = {**known, **{name: expand(value, known) for name, value in command.variables}}
        texts = [expand(word, local) for word in command.words]
        if scene.shell == "cmd":
            texts = [_cmd_filled(text, local) for text in texts]
        if texts[0] in ("cd", "pushd", "Set-Location") and len(texts) > 1:
            here = here.inside(here.located(texts[1]) or joined(here.folder, texts[1]))
            continue
        if texts[0] == "popd":
            here = scene
        here.remember(texts, command)
        if texts[0] not in _TALKING and (found := called(texts)) is not None:
            for one in _read(found, command.start, local, here, depth):
                if isinstance(one, Unread):
                    yield one
                elif (settled := _settled(one, local, script, scene)) is not None:
                    yield settled


def _cmd_filled(text: str, variables: dict[str, str]) -> str:
    """Put in the variables that `cmd` writes as `%NAME%`."""
    return re.sub(r"%([A-Za-z_][A-Za-z0-9_]*)%", lambda match: variables.get(match[1], match[0]), text)


def _remember(command: Command, known: dict[str, str]) -> None:
    """Keep what a script sets for its later commands: `NAME=value` and `export NAME=value`."""
    for name, value in command.variables:
        known[name] = expand(value, known)
    for item in command.words[1:]:
        name, equals, text = item.text.partition("=")
        if equals:
            known[name] = expand(item._replace(text=text), known)


def _read(found: Called, start: int, variables: dict[str, str], scene: Scene, depth: int) -> Iterator[Upload | Unread]:
    """Read one command behind its runners: a tool, a shell with a script of its own, or a wrapper."""
    if found.folder:
        scene = scene.inside(joined(scene.folder, found.folder))
    if (upload := tools.of_command(found, variables, start, scene)) is not None:
        yield upload
    elif depth >= MOST_WRAPPERS:
        return
    elif found.program in _SHELLS and (text := _given_script(found)) is not None:
        for inner in read_script(text, variables, scene, depth + 1):
            yield inner._replace(offset=start)
    else:
        yield from _through(found, start, variables, scene, depth)


def _settled(upload: Upload, variables: dict[str, str], script: str, scene: Scene) -> Upload | None:
    """Take away secrets that are variables which nothing sets; a command that the script guards by such a one does not run."""
    unset = [name for secret in upload.secrets if (name := _variable(secret)) and name not in variables]
    if not unset or scene.fills_variables:
        return upload
    if any(re.search(rf"-[nz]\s+\"?\$\{{?{name}\b", script) for name in unset):
        return None
    return upload._replace(secrets=tuple(secret for secret in upload.secrets if _variable(secret) not in unset))


def _variable(text: str) -> str:
    match = re.fullmatch(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?", text)
    return match[1] if match else ""


def _given_script(found: Called) -> str | None:
    """Return the script that `bash -c "..."` or `eval "..."` is given."""
    if found.program == "eval":
        return " ".join(found.arguments)
    for index, word in enumerate(found.arguments[:-1]):
        if re.fullmatch(r"-[a-z]*c|-Command|/[cC]", word):
            return found.arguments[index + 1]
    return None


def _through(found: Called, start: int, variables: dict[str, str], scene: Scene, depth: int) -> Iterator[Upload | Unread]:
    """Read what a wrapper runs, as far as the checkout holds it."""
    from trustpub.workflows.wrappers import called_thing, unwrap

    behind = unwrap(found, variables, scene)
    if isinstance(behind, str):
        if MAY_PUBLISH.search(called_thing(found)):
            yield Unread(" ".join((found.path, *found.arguments)), start, behind)
        return
    for wrapped in behind:
        inside = scene.inside(wrapped.folder if wrapped.folder is not None else scene.folder)
        seen = {**({} if wrapped.closed else variables), **wrapped.variables}
        for inner in read_script(wrapped.script, seen, inside, depth + 1):
            yield _placed(inner, wrapped, start)


def _placed(inner: Upload | Unread, wrapped: Wrapped, start: int) -> Upload | Unread:
    """Say how an upload was got to; what the step's own script knows of it is where the wrapper is called."""
    if isinstance(inner, Unread):
        return inner._replace(offset=start)
    before = wrapped.script[: inner.offset]
    end = wrapped.script.find("\n", inner.offset)
    line = wrapped.script[before.rfind("\n") + 1 : end if end >= 0 else len(wrapped.script)]
    via = Via(wrapped.kind, wrapped.name, wrapped.path, wrapped.line + before.count("\n"), line.strip())
    changed = inner._replace(offset=start, via=(via, *inner.via))
    if wrapped.no_id_token and inner.oidc is not False:
        return changed._replace(oidc=False, oidc_why=wrapped.no_id_token)
    return changed
