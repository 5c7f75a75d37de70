"""`invoke TASK`: what a task of `tasks.py` runs with words that stand there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.scene import joined
from trustpub.workflows.wrappers.python_scripts import started
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator


def behind(call: Wrapping) -> Behind:
    """Return the commands of the tasks that are named, and of the tasks and functions that those call."""
    names = [word.replace("-", "_").rpartition(".")[2] for word in call.found.arguments if not word.startswith("-")]
    path = joined(call.scene.folder, "tasks.py")
    data = call.scene.files.read(path)
    if data is None:
        return f"there is no `{path}`"
    text = data.decode("utf-8", errors="replace")
    if not re.search(r"publish|upload", text):
        return ()
    import ast

    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"`{path}` is not the Python of today"
    return tuple(_followed(tree, names, path))


def _followed(tree: ast.Module, names: list[str], path: str) -> Iterator[Wrapped]:
    import ast

    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in functions:
            continue
        seen.add(name)
        waiting += [node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name) and node.id in functions]
        for line, script in started(functions[name]):
            yield Wrapped("invoke", name, path, line, script)
