"""python-semantic-release: `semantic-release publish` and the action.

Up to version 7 it uploads to the index itself, with a user and a password; from version 8 on it leaves that to another step.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.scene import string, table
from trustpub.workflows.tools.options import after
from trustpub.workflows.tools.versions import numbers
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.scene import Scene
    from trustpub.workflows.tools.options import ActionUse, Invocation

_TAKING = {"-c": "config", "--config": "config", "-D": "define", "--define": "define"}
WHY = "python-semantic-release exchanges no ID tokens: it wants a user and a password or token"


def upload(call: Invocation) -> Upload | None:
    """Read one `semantic-release` command: an upload when the files say that the version is older than 8."""
    words = after(call.arguments, "publish", _TAKING)
    if words is None or "--noop" in call.arguments:
        return None
    match = re.search(r"(==|<=?|~=|@)\s*([0-9]+)", call.version)
    old = match is not None and int(match[2]) < (9 if match[1] == "<" else 8)
    if not old and (match is not None or not _has_old_settings(call.scene)):
        return None
    return _upload(call.variables, call.start, call.version, call.scene)


def of_action(use: ActionUse) -> Upload | None:
    """Read a step with the action: its ref is the version of the tool."""
    major = numbers(use.ref)[:1] if re.match(r"v?[0-9]+(\.|$)", use.ref) else ()
    old = major < (8,) if major else "pypi_token" in use.inputs and re.fullmatch(r"[0-9a-f]{40}", use.ref) is not None
    if not old or "--noop" in use.inputs.get("additional_options", ""):
        return None
    told = {name: use.inputs.get(name.lower(), "") for name in ("PYPI_TOKEN", "REPOSITORY_USERNAME", "REPOSITORY_PASSWORD")}
    return _upload({**use.variables, **{name: value for name, value in told.items() if value}}, 0, use.ref, use.scene)


def _has_old_settings(scene: Scene) -> bool:
    settings = _settings(scene)
    return "upload_to_pypi" in settings or "upload_to_repository" in settings or isinstance(settings.get("version_variable"), str)


def _settings(scene: Scene) -> Mapping[str, object]:
    return table(scene.toml("pyproject.toml"), "tool", "semantic_release")


def _upload(variables: Mapping[str, str], start: int, version: str, scene: Scene) -> Upload | None:
    settings = _settings(scene)
    if any(settings.get(name) in (False, "false") for name in ("upload_to_pypi", "upload_to_repository")):
        return None
    token = variables.get("PYPI_TOKEN", "")
    password = variables.get("REPOSITORY_PASSWORD", "") or variables.get("PYPI_PASSWORD", "")
    user = variables.get("REPOSITORY_USERNAME", "") or variables.get("PYPI_USERNAME", "")
    return Upload(
        tool="semantic-release",
        offset=start,
        destination=destination(
            variables.get("REPOSITORY_URL", "") or string(settings.get("repository_url")), string(settings.get("repository"))
        ),
        secrets=given(token or password),
        user="" if token else named_user(user),
        files=(string(settings.get("dist_path")) or "dist",),
        oidc=False,
        oidc_why=WHY,
        version=version,
    )
