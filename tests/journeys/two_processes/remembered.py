"""Finds what a serving process remembers, in the source: caches, and what changes of objects and modules after they were made.

Every module that `trustpub serve` may load is read, also what a function imports when it is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SRC = Path(__file__).parents[3] / "src"
SERVING = "trustpub.main.serve"
CACHES = {"cache", "lru_cache", "cached_property"}
CHANGING = {
    "append", "appendleft", "add", "clear", "discard", "drop", "extend", "insert", "move_to_end", "pop", "popitem", "popleft",
    "put", "remove", "setdefault", "update",
}  # fmt: skip
"""Methods of containers that change them."""
KEEPING = {"Cache", "lru_cache", "cache"}
CONTAINERS = KEEPING | {"OrderedDict", "defaultdict", "deque", "dict", "list", "set", "WeakKeyDictionary", "WeakValueDictionary"}


@cache
def tree(module: str) -> ast.Module | None:
    """The parsed source of a module of ours; None for others'."""
    place = SRC.joinpath(*module.split("."))
    for path in (place / "__init__.py", place.with_suffix(".py")):
        if path.exists():
            return ast.parse(path.read_text())
    return None


def imported(module: str) -> Iterator[str]:
    """The modules of ours that a module names in an import, also inside of functions; not what only type checkers see."""
    for node in _running(tree(module)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _running(node: ast.AST | None) -> Iterator[ast.AST]:
    if node is None or (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


def serving() -> list[str]:
    """Every module that may come into a serving process."""
    found, waiting = set(), [SERVING]
    while waiting:
        module = waiting.pop()
        if module not in found and module.startswith("trustpub.") and tree(module) is not None:
            found.add(module)
            waiting += imported(module)
    return sorted(found)


def remembered(module: str) -> set[str]:
    """What this module keeps: `function`, `Class.attribute`, or the name of a variable."""
    whole = tree(module)
    assert whole is not None
    found = {node.name for node in whole.body if isinstance(node, ast.FunctionDef) and _is_cached(node)}
    for node in ast.walk(whole):
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for name in _of_class(node)}
        elif isinstance(node, ast.FunctionDef):
            found |= {each.name for each in node.body if isinstance(each, ast.FunctionDef) and _is_cached(each)}
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found |= set(node.names)
    variables = {target.id for node in whole.body for target in _targets(node) if isinstance(target, ast.Name)}
    return found | {name for node in ast.walk(whole) for name in _changed(node, "") if name in variables}


def _is_cached(function: ast.FunctionDef) -> bool:
    names = [each.func if isinstance(each, ast.Call) else each for each in function.decorator_list]
    return any(isinstance(each, ast.Name) and each.id in CACHES for each in names)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    for method in node.body:
        if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(method, ast.FunctionDef) and _is_cached(method):
            yield method.name
        first = method.name == "__init__"
        for each in ast.walk(method):
            yield from _changed(each, "self")
            if not first or _is_empty(getattr(each, "value", None)):
                yield from (at.attr for at in _targets(each) if isinstance(at, ast.Attribute) and _is_self(at.value))


def _is_empty(value: object) -> bool:
    """Whether this is a new container with nothing in it, or a cache: who else is given it may fill it."""
    if isinstance(value, ast.Call):
        made = value.func.func if isinstance(value.func, ast.Call) else value.func
        return isinstance(made, ast.Name) and made.id in CONTAINERS and (not value.args or made.id in KEEPING)
    return isinstance(value, ast.Dict | ast.List) and not ast.unparse(value).strip("{}[]")


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign):
        given = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        given = [node.target]
    elif isinstance(node, ast.Delete):
        given = node.targets
    else:
        return
    for each in given:
        yield from each.elts if isinstance(each, ast.Tuple) else [each]


def _changed(node: ast.AST, of: str) -> Iterator[str]:
    holders: list[ast.expr] = [each.value for each in _targets(node) if isinstance(each, ast.Subscript)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
        holders.append(node.func.value)
    for each in holders:
        if of and isinstance(each, ast.Attribute) and _is_self(each.value):
            yield each.attr
        elif not of and isinstance(each, ast.Name):
            yield each.id


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
