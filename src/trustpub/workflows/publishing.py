"""Which steps upload a package, where to, and what they bring to be let in.

This is the front: a step with an action goes to `tools`, a step with a script to `scripts`, which knows the tools' commands and
the wrappers around them. Values are texts as the files have them, `${{ }}` included: they are evaluated for each example run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.workflows.model import word
from trustpub.workflows.upload import Destination, Unread, Upload, Via

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.model import Step
    from trustpub.workflows.scene import Scene

__all__ = ["PUBLISH_ACTION", "Destination", "Unread", "Upload", "Via", "may_upload", "unresolved", "uploads"]

PUBLISH_ACTION = "pypa/gh-action-pypi-publish"
_RETRYING = {"nick-fields/retry": "command", "nick-invision/retry": "command", "wandalen/wretry.action": "command"}
"""Actions that run a command of their caller, and the input that holds it."""
_RELEASING = frozenset(("cycjimmy/semantic-release-action", "codfish/semantic-release-action"))
"""Actions that run npm's semantic-release, whose plugins run what the project's configuration says."""
TELLING = lazy_pattern(
    r"publish|upload|semantic.release|\b(?:tox|nox|make|just|invoke|inv|poe|poethepoet|task|npm|yarn|pnpm|bun|hatch|pdm|rye|pixi|pipenv)\b|"
    r"\.(?:sh|bash|py|ps1)\b|(?:^|\s|&)\./|\bdocker\b|\bpodman\b|release|deploy|"
    r"(?:^|[\n;&|])[ \t]*[\w.-]+/[\w./-]+"
)
"""What a script holds that uploads, or runs something that may."""
_ACTION = lazy_pattern(r"publish|autopub|release|upload|deploy|maturin|retry|^\.|^\$", re.IGNORECASE)
_GITHUBS = ("actions/", "github/", "docker/")
"""Whose actions upload artifacts, reports and images, never packages."""
_NAMED = lazy_pattern(r"pypi|python-?package|autopub", re.IGNORECASE)


def may_upload(step: Step) -> bool:
    """Say whether a step is worth a closer look: most are not, and are passed over at the cost of one search."""
    if step.uses is not None:
        return not step.uses.value.startswith(_GITHUBS) and _ACTION.search(step.uses.value) is not None
    return step.run is not None and TELLING.search(step.run.value) is not None


def uploads(step: Step, environment: Mapping[str, str], scene: Scene | None = None) -> tuple[Upload, ...]:
    """List the uploads of a step. `environment` holds the variables of workflow and job; the step's own are added here.

    `scene` is what the step finds there, and is filled with what it leaves behind; without one, no other file is read.
    """
    return tuple(found for found in read_step(step, environment, scene) if isinstance(found, Upload))


def unresolved(step: Step, environment: Mapping[str, str], scene: Scene | None = None) -> tuple[Unread, ...]:
    """List what a step runs that may publish, by its name, but that could not be read."""
    return tuple(found for found in read_step(step, environment, scene) if isinstance(found, Unread))


def read_step(step: Step, environment: Mapping[str, str], scene: Scene | None = None) -> tuple[Upload | Unread, ...]:
    """List both in one go: a step's uploads, and what may publish in it but could not be read."""
    from trustpub.workflows.scene import Scene

    here = scene or Scene()
    found = tuple(_told(one, step, here) for one in _found(step, environment, here))
    if mint := _mint(step):
        here.minted[word(step.id)] = mint
    return found or (tuple(_unknown(step)) if step.uses is not None else ())


_MINTING = lazy_pattern(r"/_/oidc/(?:github/)?mint-token")
_MINTING_ACTIONS = ("tschm/token-mint-action",)


def _mint(step: Step) -> str:
    """Name a step that exchanges an ID token by itself; empty when it does not."""
    if step.uses is not None:
        name = step.uses.value.partition("@")[0].strip()
        return f"`{name}`" if name.lower() in _MINTING_ACTIONS else ""
    return f"the step `{step.label}`" if _MINTING.search(word(step.run)) else ""


def _told(found: Upload | Unread, step: Step, scene: Scene) -> Upload | Unread:
    """Say of an upload's secret that it is the result of an exchange, when it is one."""
    if isinstance(found, Unread) or not found.secrets:
        return found
    used = [name for id_, name in scene.minted.items() if id_ and any(f"steps.{id_}.outputs" in text for text in found.secrets)]
    if not used and not any("secrets." in text for text in found.secrets) and step.uses is None:
        used = [name] if (name := _mint(step)) else []
    return found._replace(exchanged_by=used[0]) if used else found


def _unknown(step: Step) -> Iterator[Unread]:
    """Name an action that is not known here, but whose own name says that it publishes packages."""
    from trustpub.workflows.tools import ACTIONS, split_uses
    from trustpub.workflows.tools.other_actions import ROWS

    uses = word(step.uses)
    name = split_uses(uses)[0]
    telling = re.search(r"publish|release|upload|deploy|autopub", name) and _NAMED.search(name)
    if name == "autopub/autopub-action" and word(step.with_.get("command")) != "publish":
        return
    if telling and name not in ACTIONS and name not in ROWS and not name.startswith((".", "$")):
        yield Unread(uses, 0, "the action is not known here")
    elif name.endswith("/python-semantic-release") and (step.with_.get("pypi_token") or step.with_.get("repository_password")):
        yield Unread(uses, 0, "only versions before 8 of it upload by themselves")


def _found(step: Step, environment: Mapping[str, str], here: Scene) -> Iterator[Upload | Unread]:
    variables = {**environment, **here.variables, **{name: word(node) for name, node in step.env.items()}}
    if step.uses is not None:
        yield from _action(step, step.uses.value.strip(), variables, here)
        return
    shell = word(step.shell) or here.shell
    if step.run is None or shell.startswith("node"):
        return
    if shell.startswith("python"):
        yield from _python(word(step.run), variables, here)
    else:
        from trustpub.workflows.scripts import read_script

        yield from read_script(word(step.run), variables, here)


def _action(step: Step, uses: str, variables: dict[str, str], scene: Scene) -> Iterator[Upload | Unread]:
    from trustpub.workflows.tools import of_action, split_uses

    inputs = {key.lower(): word(node) for key, node in step.with_.items()}
    scene.remember_action(split_uses(uses)[0], inputs)
    if (upload := of_action(uses, inputs, variables, scene)) is not None:
        yield upload
    elif split_uses(uses)[0] in _RELEASING:
        from trustpub.workflows.scripts import read_script

        yield from (found._replace(offset=0) for found in read_script("semantic-release # release", variables, scene))
    elif (held := _RETRYING.get(split_uses(uses)[0])) and inputs.get(held):
        from trustpub.workflows.scripts import read_script

        yield from (found._replace(offset=0) for found in read_script(inputs[held], variables, scene))


def _python(text: str, variables: dict[str, str], scene: Scene) -> Iterator[Upload | Unread]:
    """Read a step with `shell: python`."""
    from trustpub.workflows.scripts import read_script
    from trustpub.workflows.wrappers.python_scripts import scripts

    for wrapped in scripts(text, ""):
        if not isinstance(wrapped, str):
            start = sum(len(line) for line in text.splitlines(keepends=True)[: wrapped.line - 1])
            yield from (found._replace(offset=start) for found in read_script(wrapped.script, variables, scene, 1))
