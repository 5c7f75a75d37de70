"""The publish action, pypa/gh-action-pypi-publish: twine in a container, and the exchange of the ID token before it.

It exchanges ID tokens since v1.8.0, and makes attestations by default since v1.11.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.tools.versions import Since
from trustpub.workflows.upload import Destination, Upload, given, named_user

if TYPE_CHECKING:
    from trustpub.workflows.tools.options import ActionUse

NAME = "pypa/gh-action-pypi-publish"
_SINCE = Since("1.8.0")


def of_action(use: ActionUse) -> Upload | None:
    """Read a step with the action. Inputs have no case, and `_` and `-` are the same in their names."""
    told = {name.replace("_", "-"): value for name, value in use.inputs.items()}
    url = told.get("repository-url", "").strip()
    numbered = re.fullmatch(r"v?([0-9]+\.[0-9]+(?:\.[0-9]+)?)", use.ref)
    oidc, why = _SINCE.of(f"=={numbered[1]}") if numbered else (True, "")
    if use.ref == "master":
        oidc, why = None, "the branch `master` of the publish action is no longer kept up"
    return Upload(
        tool="action",
        offset=0,
        destination=Destination("url", url) if url else Destination("default"),
        secrets=given(told.get("password", "")),
        user=named_user(told.get("user", "")),
        files=(told.get("packages-dir") or told.get("packages-directory") or "dist",),
        oidc=oidc,
        oidc_why=why.replace("==", "v"),
        version=use.ref,
        attestations=told.get("attestations", ""),
        skip_existing=told.get("skip-existing", ""),
    )
