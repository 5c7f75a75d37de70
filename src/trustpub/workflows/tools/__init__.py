"""The tools that upload, one file each: a function that reads its command, and one that reads its action where it has one.

To add a tool, write its file and its line in `PROGRAMS` or `ACTIONS`. A file is imported when its tool is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.scene import Scene
    from trustpub.workflows.tools.options import ActionUse, Invocation
    from trustpub.workflows.tools.runners import Called
    from trustpub.workflows.upload import Upload

PROGRAMS = {
    "twine": "twine", "uv": "uv", "pdm": "pdm", "hatch": "hatch", "poetry": "poetry", "flit": "flit", "maturin": "maturin",
    "rye": "rye", "setup.py": "setuptools", "semantic-release": "semantic_release", "semantic_release": "semantic_release",
    "jupyter-releaser": "jupyter_releaser",
}  # fmt: skip
"""Programs by name, and the file of each."""
PACKAGES = {"semantic-release": "python-semantic-release", "semantic_release": "python-semantic-release"}
"""Programs that a package of another name installs."""
ACTIONS = {
    "pypa/gh-action-pypi-publish": "publish_action",
    "pyo3/maturin-action": "maturin",
    "messense/maturin-action": "maturin",
    "python-semantic-release/python-semantic-release": "semantic_release",
    "relekang/python-semantic-release": "semantic_release",
    "jupyter-server/jupyter_releaser/.github/actions/finalize-release": "jupyter_releaser",
    "jupyter-server/jupyter_releaser/.github/actions/publish-release": "jupyter_releaser",
    "jupyter-server/jupyter-releaser/.github/actions/finalize-release": "jupyter_releaser",
    "jupyter-server/jupyter-releaser/.github/actions/publish-release": "jupyter_releaser",
}
"""Actions by name in lower case, and the file of each; those that are no more than a row stand in `other_actions`.
An old name of a repository counts too: GitHub leads it to the new one.
"""


class _CommandFile(Protocol):
    def upload(self, call: Invocation) -> Upload | None: ...


class _ActionFile(Protocol):
    def of_action(self, use: ActionUse) -> Upload | None: ...


def of_command(found: Called, variables: Mapping[str, str], start: int, scene: Scene) -> Upload | None:
    """Read a command; None when it does not upload."""
    if found.program not in PROGRAMS:
        return None
    from importlib import import_module

    from trustpub.workflows.tools.options import Invocation

    file = cast("_CommandFile", import_module(f"trustpub.workflows.tools.{PROGRAMS[found.program]}"))
    installed = scene.versions.get(PACKAGES.get(found.program, found.program), "")
    version = found.version or (installed if any(sign in installed for sign in "=<>~@") else "")
    call = Invocation(found.arguments, variables, start, version, found.fresh or bool(installed), scene)
    return file.upload(call)


def of_action(uses: str, inputs: Mapping[str, str], variables: Mapping[str, str], scene: Scene) -> Upload | None:
    """Read a step with an action; None when it does not upload. Inputs are by name in lower case."""
    name, ref = split_uses(uses)
    if name.startswith((".", "$", "actions/")) or "/" not in name:
        return None
    from trustpub.workflows.tools.options import ActionUse

    use = ActionUse(name, ref, inputs, variables, scene)
    if name in ACTIONS:
        from importlib import import_module

        return cast("_ActionFile", import_module(f"trustpub.workflows.tools.{ACTIONS[name]}")).of_action(use)
    from trustpub.workflows.tools import other_actions

    return other_actions.of_action(use) if name in other_actions.ROWS else None


def split_uses(uses: str) -> tuple[str, str]:
    """Split `owner/name@ref` and `docker://ghcr.io/owner/name:tag` into the name in lower case and the ref."""
    if uses.startswith("docker://"):
        image = uses.removeprefix("docker://").removeprefix("ghcr.io/")
        name = image.partition("@")[0].partition(":")[0]
        ref = image[len(name) + 1 :]
    else:
        name, _, ref = uses.partition("@")
    return name.strip().lower().rstrip("/"), ref.strip()
