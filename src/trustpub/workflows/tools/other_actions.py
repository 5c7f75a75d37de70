"""Other actions that upload, each as a row: which inputs hold the address, the user, and the token.

Sources: the actions' own metadata files, as far as they are public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.tools.versions import numbers
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from trustpub.workflows.tools.options import ActionUse


class Row(NamedTuple):
    """One action. Each field names inputs, or variables when it begins with `$`; the first that is set counts.

    `where` holds an address, or one of the public indexes by name; `test` names an input that sends the upload to TestPyPI when
    it is true; `unless` one that turns the upload off when it is false (or, with `!`, when it is true). `keyless` names the major
    version since which the action exchanges ID tokens, or an input that makes it do so.
    """

    tool: str
    where: str = ""
    user: str = ""
    token: str = ""
    files: str = ""
    skip: str = ""
    test: str = ""
    unless: str = ""
    keyless: str = ""


ROWS = {
    "jrubics/poetry-publish": Row(
        "poetry", "repository_url repository_name", "repository_username", "pypi_token repository_password"
    ),
    "code-specialist/pypi-poetry-publish": Row(
        "poetry", "publish_registry", "publish_registry_username", "publish_registry_password"
    ),
    "celsiusnarhwal/poetry-publish": Row("poetry", "repo", "username", "token password"),
    "coveooss/pypi-publish-with-poetry": Row("poetry", "", "", "pypi-token", unless="!dry-run"),
    "etils-actions/pypi-auto-publish": Row("twine", "", "", "pypi-token"),
    "etils-actions/pypi-build-publish": Row("twine", "", "", "pypi-token"),
    "casperdcl/deploy-pypi": Row("twine", "url", "user", "password", "dist_dir", "skip_existing", unless="upload", keyless="3"),
    "ansys/actions/release-pypi-public": Row(
        "twine", "", "twine-username", "twine-token", "", "skip-existing", "", "!dry-run", "use-trusted-publisher"
    ),
    "ansys/actions/release-pypi-test": Row(
        "twine", "=testpypi", "twine-username", "twine-token", "", "skip-existing", "", "!dry-run", "use-trusted-publisher"
    ),
    "adafruit/workflows-circuitpython-libs/release-pypi": Row("twine", "", "pypi-username", "pypi-password"),
    "mariamrf/py-package-publish-action": Row("twine", "$TWINE_REPOSITORY_URL", "$TWINE_USERNAME", "$TWINE_PASSWORD"),
    "thevickypedia/pypi-publisher": Row(
        "twine", "repository-url", "user", "$token token", "packages-dir", "skip-existing", "test-upload", "!dry-run"
    ),
}  # fmt: skip
"""By the action's name in lower case."""


def of_action(use: ActionUse) -> Upload | None:
    """Read a step with one of these actions."""
    row = ROWS[use.name]
    switch = use.inputs.get(row.unless.lstrip("!"), "").strip().lower() if row.unless else ""
    if switch == ("true" if row.unless.startswith("!") else "false"):
        return None
    where = "testpypi" if _told(use, row.test).lower() == "true" else _told(use, row.where)
    is_name = "://" not in where and "${{" not in where
    keyless = _is_keyless(use, row.keyless)
    return Upload(
        tool=row.tool,
        offset=0,
        destination=destination("" if is_name else where, where),
        secrets=given(_told(use, row.token)),
        user=named_user(_told(use, row.user)),
        files=given(_told(use, row.files)),
        oidc=keyless,
        oidc_why="" if keyless else f"the action `{use.name}` exchanges no ID tokens: it wants a token",
        version=use.ref,
        skip_existing=_told(use, row.skip),
    )


def _told(use: ActionUse, names: str) -> str:
    for name in names.split():
        value = name[1:] if name[0] == "=" else use.variables.get(name[1:], "") if name[0] == "$" else use.inputs.get(name, "")
        if value:
            return value
    return ""


def _is_keyless(use: ActionUse, since: str) -> bool | None:
    if since.isdigit():
        return numbers(use.ref)[0] >= int(since) if use.ref[:1] in tuple("v0123456789") and numbers(use.ref) else None
    return bool(since) and use.inputs.get(since, "").strip().lower() == "true"
