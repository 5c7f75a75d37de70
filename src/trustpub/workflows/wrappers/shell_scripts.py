"""Shell scripts of the checkout: `./scripts/publish`, `bash tools/release.sh`, `source ci/upload.sh`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.scene import joined
from trustpub.workflows.shell import filled
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping

if TYPE_CHECKING:
    from collections.abc import Mapping


ROOTS = {"GITHUB_WORKSPACE": "", "PWD": "", "GITHUB_ACTION_PATH": ""}
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "source", ".", "pwsh", "powershell"))


def behind(call: Wrapping) -> Behind:
    """Return the text of a script."""
    words = list(call.found.arguments) if call.found.program in _SHELLS else [call.found.path, *call.found.arguments]
    while words and words[0].startswith("-") and len(words) > 1:
        words = words[1:]
    if not words or words[0].startswith("-"):
        return ()
    path = joined(call.scene.folder, relative(words[0]))
    data = call.scene.files.read(path)
    if data is None:
        return f"`{path}` is not in the checkout"
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
    first = text.partition("\n")[0]
    if first.startswith("#!") and re.search(r"python|uv run", first):
        from trustpub.workflows.wrappers import python_scripts

        return python_scripts.scripts(text, path)
    if first.startswith("#!") and not re.search(r"sh\b", first):
        return f"`{path}` is no shell script"
    given = {str(number): word for number, word in enumerate(words[1:], 1)}
    return (Wrapped("script", path, path, 1, _with_arguments(text, given)),)


def relative(word: str) -> str:
    """Return a path as it is from the folder of the step: the checkout's own root may be spelled as a variable."""
    text = word.replace("${{ github.workspace }}", "").replace("${{github.workspace}}", "")
    return filled(text, ROOTS).lstrip("/") if text != word or "$" in word else word


def _with_arguments(text: str, given: Mapping[str, str]) -> str:
    """Put the arguments in for `$1`, `$2` and `$@`."""
    if not given or "$" not in text:
        return text
    text = re.sub(r"\"\$@\"|\$[@*]", lambda _: " ".join(given.values()), text)
    return re.sub(r"\$(?:\{([1-9])\}|([1-9]))", lambda match: given.get(match[1] or match[2], match[0]), text)
