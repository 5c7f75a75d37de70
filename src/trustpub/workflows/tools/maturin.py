"""`maturin publish` and `maturin upload`, and the action that runs them.

Mirrors: maturin 1.16's options and its `MATURIN_*` variables. It exchanges ID tokens since 0.15.0.
"""

from __future__ import annotations

from trustpub.workflows.tools.options import ActionUse, Invocation, after, read_options, taking
from trustpub.workflows.tools.versions import Since
from trustpub.workflows.upload import Upload, destination, given, named_user

_TAKING = taking(
    "repository -r --repository", "url --repository-url", "user -u --username", "password -p --password",
    "manifest -m --manifest-path", "interpreter -i --interpreter", "target --target", "features -F --features",
    "profile --profile", "out -o --out", "bindings -b --bindings", "compatibility --compatibility --manylinux",
)  # fmt: skip
_SINCE = Since("0.15.0")
_VERBS = ("publish", "upload")


def upload(call: Invocation) -> Upload | None:
    """Read one `maturin` command."""
    for verb in _VERBS:
        if (words := after(call.arguments, verb, _TAKING)) is not None:
            return _upload(words if verb == "upload" else (), words, call)
    return None


def of_action(use: ActionUse) -> Upload | None:
    """Read a step with the maturin action: `command` is what it runs, `args` are its words."""
    from trustpub.workflows.shell import commands

    command = use.inputs.get("command", "build").strip()
    if not any(verb in command for verb in _VERBS) or (command not in _VERBS and "${{" not in command):
        return None
    words = tuple(word.text for cut in commands(use.inputs.get("args", "")) for word in cut.words)
    version = use.inputs.get("maturin-version", "").strip()
    asked = f"maturin=={version.removeprefix('v')}" if version[:1] in tuple("v0123456789") and version else ""
    call = Invocation(words, use.variables, 0, asked, True, use.scene)
    return _upload(words if command == "upload" else (), words, call)


def _upload(files: tuple[str, ...], words: tuple[str, ...], call: Invocation) -> Upload:
    options = read_options(words, _TAKING, {"--skip-existing": "skip"})
    variables = call.variables
    url = options.get("url") or variables.get("MATURIN_REPOSITORY_URL", "")
    oidc, why = _SINCE.of(call.version)
    return Upload(
        tool="maturin",
        offset=call.start,
        destination=destination(url, options.get("repository") or variables.get("MATURIN_REPOSITORY", "")),
        secrets=given(variables.get("MATURIN_PYPI_TOKEN", ""), options.get("password") or variables.get("MATURIN_PASSWORD", "")),
        user=named_user(options.get("user") or variables.get("MATURIN_USERNAME", "")),
        files=options.rest if files else (),
        oidc=oidc,
        oidc_why=why,
        version=call.version,
        skip_existing=options.get("skip"),
    )
