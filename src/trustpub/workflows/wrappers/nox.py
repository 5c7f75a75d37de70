"""`nox -s NAME`: what a session of `noxfile.py` runs with words that stand there. Nox lets every variable through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.scene import joined
from trustpub.workflows.wrappers.python_scripts import word, words
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping, script_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator


_RUNS = frozenset(("run", "run_always", "run_install"))
_NAMING = ("-s", "--session", "--sessions", "-e")


def behind(call: Wrapping) -> Behind:
    """Return the commands of the sessions that a call of nox runs."""
    names, file, rest = _asked(call.found.arguments)
    path = joined(call.scene.folder, file or "noxfile.py")
    if not names or "--install-only" in call.found.arguments:
        return ()
    noxfile = call.scene.once("nox", path, _read)
    if noxfile is None:
        return f"there is no `{path}`"
    return noxfile if isinstance(noxfile, str) else tuple(noxfile.wrapped(names, rest))


def _read(text: str, path: str) -> _Noxfile | str:
    import ast

    try:
        tree = ast.parse(text if "publish" in text or "upload" in text else "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return f"`{path}` is not the Python of today"
    return _Noxfile(tree, path)


def _asked(arguments: tuple[str, ...]) -> tuple[list[str], str, list[str]]:
    names: list[str] = []
    file, taking = "", ""
    for index, text in enumerate(arguments):
        if text == "--":
            return names, file, list(arguments[index + 1 :])
        name, equals, value = text.partition("=")
        if name.startswith("-"):
            taking = "" if equals else name
            names += [value] if equals and name in _NAMING else []
            file = value if equals and name == "--noxfile" else file
        elif taking in _NAMING:
            names.append(text)
        elif taking in ("-f", "--noxfile"):
            file, taking = text, ""
        else:
            taking = ""
    return names, file, []


class _Noxfile:
    def __init__(self, tree: ast.Module, path: str) -> None:
        import ast

        self.path = path
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self.sessions = {_session_name(node): node for node in self.functions.values()}

    def wrapped(self, names: list[str], rest: list[str]) -> Iterator[Wrapped]:
        waiting = [name.partition("(")[0] for name in names]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            session = self.sessions.get(name) or self.sessions.get(name.rsplit("-", 1)[0]) or self.functions.get(name)
            if session is not None:
                yield from self.commands(name, session, rest)
                waiting += self.others(session)

    def commands(self, name: str, session: ast.FunctionDef, rest: list[str]) -> Iterator[Wrapped]:
        import ast

        for node in ast.walk(session):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _RUNS:
                continue
            given = words(node.args)
            if any("posargs" in ast.dump(argument) for argument in node.args if isinstance(argument, ast.Starred)):
                given += rest
            yield Wrapped("nox", name, self.path, node.lineno, script_of(given), dict(_variables(node)))

    def others(self, session: ast.FunctionDef) -> Iterator[str]:
        """Yield the sessions that a session asks for, and the functions of the file that it calls."""
        import ast

        for node in ast.walk(session):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.functions:
                yield node.func.id
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "notify" and node.args:
                yield word(node.args[0])


def _session_name(function: ast.FunctionDef) -> str:
    import ast

    for decorator in function.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return function.name


def _variables(call: ast.Call) -> Iterator[tuple[str, str]]:
    """Yield what `env={...}` of a run sets."""
    import ast

    for keyword in call.keywords:
        if keyword.arg == "env" and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value), word(value)
