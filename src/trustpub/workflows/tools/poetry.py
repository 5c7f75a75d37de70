"""`poetry publish`.

Mirrors: poetry 2.5's options, its `POETRY_*` variables and `poetry config`. It exchanges no ID tokens, and uploads without any
credentials when it has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.scene import string, table
from trustpub.workflows.tools.options import after, read_options, taking
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.scene import Scene
    from trustpub.workflows.tools.options import Invocation

_TAKING = taking(
    "repository -r --repository", "user -u --username", "password -p --password", "cert --cert", "client-cert --client-cert",
    "folder --dist-dir", "directory -C --directory", "project -P --project",
)  # fmt: skip
_FLAGS = {"--dry-run": "dry", "--skip-existing": "skip"}
WHY = "poetry exchanges no ID tokens: it wants a user and a password or token"


def upload(call: Invocation) -> Upload | None:
    """Read one `poetry` command."""
    words = after(call.arguments, "publish", _TAKING)
    if words is None:
        return None
    options = read_options(words, _TAKING, _FLAGS)
    if options.get("dry"):
        return None
    name = options.get("repository")
    variables, scene = call.variables, call.scene
    user, password = scene.config.get(f"http-basic.{name or 'pypi'}", ("", ""))[:2] or ("", "")
    prefix = f"POETRY_HTTP_BASIC_{_variable(name)}_"
    return Upload(
        tool="poetry",
        offset=call.start,
        destination=destination(address(name, variables, scene) if name else "", name),
        secrets=given(
            options.get("password")
            or variables.get(f"POETRY_PYPI_TOKEN_{_variable(name)}", "")
            or " ".join(scene.config.get(f"pypi-token.{name or 'pypi'}", ()))
            or variables.get(f"{prefix}PASSWORD", "")
            or password
        ),
        user=named_user(options.get("user") or variables.get(f"{prefix}USERNAME", "") or user),
        files=(options.get("folder") or "dist",),
        oidc=False,
        oidc_why=WHY,
        version=call.version,
        skip_existing=options.get("skip"),
    )


def _variable(name: str) -> str:
    return (name or "pypi").upper().replace("-", "_")


def address(name: str, variables: Mapping[str, str], scene: Scene) -> str:
    """Look up the address that a repository's name stands for; empty when the files do not say it."""
    told = scene.config.get(f"repositories.{name}", ())
    told = told or scene.config.get(f"repositories.{name}.url", ())
    if told or (told := given(variables.get(f"POETRY_REPOSITORIES_{_variable(name)}_URL", ""))):
        return told[0]
    own = table(scene.toml("poetry.toml"), "repositories", name)
    return string((own or table(scene.toml("pyproject.toml"), "tool", "poetry", "repositories", name)).get("url"))
