"""jupyter-releaser: the action that ends a release, and `jupyter-releaser publish-assets`.

In a job that may ask for an ID token it exchanges one with PyPI by itself and looks at no stored token; else it takes
`PYPI_TOKEN`, or the repository's line of `PYPI_TOKEN_MAP`. The upload itself is made by twine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.upload import Upload, destination, given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.tools.options import ActionUse, Invocation


def upload(call: Invocation) -> Upload | None:
    """Read one `jupyter-releaser` command."""
    if call.arguments[:1] != ("publish-assets",) or "--dry-run" in call.arguments:
        return None
    return _upload(call.variables, call.start, call.version)


def of_action(use: ActionUse) -> Upload | None:
    """Read a step with `finalize-release` (`publish-release` in version 1)."""
    dry = use.inputs.get("dry_run", "") or use.variables.get("RH_DRY_RUN", "")
    skipped = use.inputs.get("steps_to_skip", "") or use.variables.get("RH_STEPS_TO_SKIP", "")
    if dry.strip().lower() == "true" or "publish-assets" in skipped:
        return None
    return _upload(use.variables, 0, use.ref)


def _upload(variables: Mapping[str, str], start: int, version: str) -> Upload:
    return Upload(
        tool="jupyter-releaser",
        offset=start,
        destination=destination(variables.get("TWINE_REPOSITORY_URL", ""), ""),
        secrets=given(variables.get("PYPI_TOKEN", ""), variables.get("PYPI_TOKEN_MAP", "")),
        mode="id-token-first",
        version=version,
    )
