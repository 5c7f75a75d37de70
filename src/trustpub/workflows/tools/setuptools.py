"""`python setup.py upload`: distutils' own upload, with a user and a password from `~/.pypirc`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.scene import PypircSection
from trustpub.workflows.tools.options import read_options, taking
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from trustpub.workflows.tools.options import Invocation

_TAKING = taking("repository -r --repository", "identity -i --identity", "folder -d --dist-dir")
WHY = "`setup.py upload` exchanges no ID tokens: it wants a user and a password in `~/.pypirc`"


def upload(call: Invocation) -> Upload | None:
    """Read one `setup.py` command; its words may hold several commands of distutils."""
    if "upload" not in call.arguments:
        return None
    options = read_options(call.arguments[call.arguments.index("upload") + 1 :], _TAKING, {})
    where = options.get("repository")
    section = call.scene.pypirc.get(where or "pypi", PypircSection())
    url = where if "://" in where else section.url if where not in ("", "pypi", "testpypi") else ""
    return Upload(
        tool="setuptools",
        offset=call.start,
        destination=destination(url, where),
        secrets=given(section.password),
        user=named_user(section.user),
        oidc=False,
        oidc_why=WHY,
    )
