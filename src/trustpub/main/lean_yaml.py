"""PyYAML without the parts that a check never uses.

`import yaml` loads the pure parser, the constructors and the dumpers, with their patterns, date classes and base64: twice
as long as reading the workflows of an ordinary repository takes. A check needs libyaml's parser and the events. So a process that
does nothing but check gets a `yaml` that holds only these. docs/adr/0007 says why, and when to take it out again.

Nothing here changes what is read: it is PyYAML's own extension module, and where PyYAML is not as expected (no libyaml,
laid out anew) it is imported whole, as always.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader

_REAL = ("error", "tokens", "events", "nodes")
_ERRORS = {
    "reader": "ReaderError",
    "scanner": "ScannerError",
    "parser": "ParserError",
    "composer": "ComposerError",
    "constructor": "ConstructorError",
    "emitter": "EmitterError",
    "serializer": "SerializerError",
    "representer": "RepresenterError",
}
"""The modules of which the extension wants nothing but a class of errors."""
_PLAIN = ("ReaderError", "EmitterError", "SerializerError", "RepresenterError")
"""The errors that know no place in the text."""


def install() -> None:
    """Let the next `import yaml` of this process be the lean one. Only for a process of our own: others may want the whole."""
    if "yaml" not in sys.modules:
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds `yaml`, once, and nothing else."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return PyYAML's own spec with our loader around its loader."""
        if name != "yaml":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)  # type: ignore[assignment]  # a duck: the import system asks two methods
        return spec


class _Loader:
    """Fills the package with libyaml's parser, its events and its errors."""

    def __init__(self, whole: Loader) -> None:
        self.whole = whole

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to the import system."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Fill the package; should anything be amiss, import PyYAML whole."""
        try:
            _fill(module)
        except (ImportError, AttributeError, TypeError):
            for name in [name for name in sys.modules if name.startswith("yaml.")]:
                del sys.modules[name]
            self.whole.exec_module(module)


def _fill(package: ModuleType) -> None:
    from importlib import import_module

    for name in _REAL:
        part = import_module(f"yaml.{name}")
        setattr(package, name, part)
        package.__dict__.update({key: value for key, value in vars(part).items() if not key.startswith("_")})
    for name, error in _ERRORS.items():
        part = ModuleType(f"yaml.{name}")
        base = package.error.YAMLError if error in _PLAIN else package.error.MarkedYAMLError
        setattr(part, error, type(error, (base,), {"__init__": _keep} if error == "ReaderError" else {}))
        setattr(package, name, part)
        sys.modules[part.__name__] = part
    parser = import_module("yaml._yaml").CParser
    package.__dict__.update(CSafeLoader=parser, SafeLoader=parser, __with_libyaml__=True)


def _keep(problem: Exception, name: object, position: object, character: object, encoding: object, reason: object) -> None:
    problem.__dict__.update(name=name, position=position, character=character, encoding=encoding, reason=reason)
