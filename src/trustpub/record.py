"""Named tuples that are cheap to define: `NamedTuple` as in `typing`, for everything that a check loads.

`typing.NamedTuple` compiles every annotation and a constructor when a class is defined: a quarter of a millisecond each, and a
check defines a hundred. Here a class costs a twentieth of that: annotations stay text, and the constructor is compiled when the
first value is made. To type checkers it is `typing.NamedTuple`, and a test holds every behaviour against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - the name that others import
else:
    from collections import _tuplegetter

    _new = tuple.__new__

    def _make(cls, values):
        """Make a value from any iterable of its fields' values."""
        made = _new(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, /, **changed):
        """Make a copy in which some fields differ."""
        made = self._make(map(changed.pop, self._fields, self))
        if changed:
            raise ValueError(f"Got unexpected field names: {list(changed)!r}")
        return made

    def _asdict(self):
        """Return the fields by name."""
        return dict(zip(self._fields, self, strict=True))

    def _repr(self):
        fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{self.__class__.__name__}({fields})"

    def _getnewargs(self):
        return _new(tuple, self)

    def _constructor(name, fields, defaults):
        """Make the `__new__` of a class: it compiles its successor when it is called for the first time."""

        def first(_cls, *args, **kwargs):
            words = ", ".join(fields)
            new = eval(f"lambda _cls, {words}: _new(_cls, ({words},))", {"_new": _new, "__builtins__": {}})  # noqa: S307 - names only
            new.__name__ = "__new__"
            new.__qualname__ = f"{name}.__new__"
            new.__defaults__ = tuple(defaults.values())
            next(each for each in _cls.__mro__ if each.__dict__.get("_fields") is fields).__new__ = new
            return new(_cls, *args, **kwargs)

        return first

    class _Meta(type):
        """Turns the body of a class into a class of tuples. What it makes is of type `type`, and is subclassed as any other."""

        def __new__(mcs, name, bases, body):
            if not bases:
                return super().__new__(mcs, name, bases, body)
            annotations = body["__annotations__"]  # text, because of the `from __future__ import annotations` above every file
            fields = tuple(annotations)
            defaults = {field: body.pop(field) for field in fields if field in body}
            if any(field.startswith("_") for field in fields) or fields[len(fields) - len(defaults) :] != tuple(defaults):
                raise TypeError(f"{name}: fields must not begin with `_`, and those with defaults must stand last")
            for index, field in enumerate(fields):
                body[field] = _tuplegetter(index, None)
            body |= _SHARED
            body |= {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
            body["__new__"] = _constructor(name, fields, defaults)
            return type(name, (tuple,), body)

    _SHARED = {
        "__slots__": (),
        "__repr__": _repr,
        "__getnewargs__": _getnewargs,
        "__replace__": _replace,
        "_make": classmethod(_make),
        "_replace": _replace,
        "_asdict": _asdict,
    }

    class NamedTuple(metaclass=_Meta):
        """The base to write in a class statement."""
