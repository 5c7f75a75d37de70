"""Shell scripts of the checkout: `./scripts/publish`, `bash tools/release.sh`, `source ci/upload.sh`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.publishing import TELLING
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping

if TYPE_CHECKING:
    from collections.abc import Mapping


_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "source", ".", "pwsh", "powershell"))


def behind(call: Wrapping) -> Behind:
    """Return the text of a script."""
    words = list(call.found.arguments) if call.found.program in _SHELLS else [call.found.path, *call.found.arguments]
    while words and words[0].startswith("-") and len(words) > 1:
        words = words[1:]
    if not words or words[0].startswith("-"):
        return ()
    path = call.scene.located(words[0])
    if path is None:
        return ()
    text = call.scene.once("script", path, lambda text, _: text)
    if text is None:
        return f"`{path}` is not in the checkout"
    if not TELLING.search(text):
        return ()
    first = text.partition("\n")[0]
    if first.startswith("#!") and re.search(r"python|uv run", first):
        from trustpub.workflows.wrappers import python_scripts

        return python_scripts.scripts(text, path)
    if first.startswith("#!") and not re.search(r"sh\b", first):
        return f"`{path}` is no shell script"
    given = {str(number): word for number, word in enumerate(words[1:], 1)}
    return (Wrapped("script", path, path, 1, _with_arguments(text, given)),)


def _with_arguments(text: str, given: Mapping[str, str]) -> str:
    """Put the arguments in for `$1`, `$2` and `$@`."""
    if not given or "$" not in text:
        return text
    text = re.sub(r"\"\$@\"|\$[@*]", lambda _: " ".join(given.values()), text)
    return re.sub(r"\$(?:\{([1-9])\}|([1-9]))", lambda match: given.get(match[1] or match[2], match[0]), text)
