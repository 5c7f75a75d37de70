"""Python scripts of the checkout, and of steps with `shell: python`: the commands that they start with words that stand there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping, script_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator


_STARTERS = frozenset(
    (
        "run",
        "call",
        "check_call",
        "check_output",
        "Popen",
        "system",
        "popen",
        "getoutput",
        "sh",
        "execute",
        "cmd",
        "run_command",
        "invoke",
    )
)
"""Functions that start a command: those of `subprocess` and `os`, and what people call their own around them."""


def behind(call: Wrapping) -> Behind:
    """Return the commands that a script starts."""
    words = [call.found.path, *call.found.arguments] if call.found.path.endswith(".py") else list(call.found.arguments)
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in ("-X", "-W", "-c") else words[1:]
    if not words:
        return ()
    path = call.scene.located(words[0])
    if path is None:
        return ()
    behind = call.scene.once("python", path, scripts)
    return behind if behind is not None else f"`{path}` is not in the checkout"


def scripts(text: str, path: str) -> Behind:
    """Return the commands that a script's text starts."""
    if not re.search(r"publish|upload", text):
        return ()
    import ast

    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"`{path}` is not the Python of today"
    found = tuple(Wrapped("python", path, path, line, script) for line, script in started(tree))
    if not found and re.search(r"[\"'](?:publish|upload)[\"']", text):
        return f"`{path}` puts its commands together while it runs"
    return found


def started(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the commands that a tree starts, each with its line."""
    import ast

    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _name(node.func) in _STARTERS:
            script = command(node.args[0])
            if script:
                yield node.args[0].lineno, script


def _name(function: ast.expr) -> str:
    import ast

    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id.strip("_") if isinstance(function, ast.Name) else ""


def command(node: ast.expr) -> str:
    """Write a literal list or text as a command; empty when it is neither. Words that are not literal become `$name`."""
    import ast

    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return word(node)
    if isinstance(node, ast.List | ast.Tuple):
        return script_of(words(node.elts))
    return ""


def words(nodes: list[ast.expr]) -> list[str]:
    """Write the words of a list; what is unpacked there (`*files`) is left out."""
    import ast

    return [word(node) for node in nodes if not isinstance(node, ast.Starred)]


def word(node: ast.expr) -> str:
    """Write one word: a literal as it is, anything else as the variable that it is, or seems."""
    import ast

    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(word(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values)
    if isinstance(node, ast.Attribute) and node.attr == "executable":
        return "python"
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):  # os.environ["NAME"]
        return f"${node.slice.value!s}"
    if isinstance(node, ast.Name):
        return f"${node.id}"
    return "$unknown"
