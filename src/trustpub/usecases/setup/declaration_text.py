"""`trustpub.toml` as text: what shall be different is written into it, and every other letter stays, comments included."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import TYPE_CHECKING, cast

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Comment, InlineTable, Table, Whitespace

from trustpub.domain.declaration import (
    TAG_BYPASS,
    DeclaredAccount,
    DeclaredEnvironment,
    DeclaredIndex,
    DeclaredPublisher,
    parse,
)
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider
from trustpub.errors import BadInput
from trustpub.usecases.setup.step import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    from tomlkit.items import Item

    from trustpub.domain.declaration import Declaration

    Record: TypeAlias = DeclaredPublisher | DeclaredEnvironment | DeclaredIndex | DeclaredAccount
    Content: TypeAlias = Table | InlineTable | tomlkit.TOMLDocument

HEAD = "# What this repository wants to be true of its releases. `trustpub setup` makes it so, `trustpub check` compares.\n"
_COMMENTS = {
    "testpypi": "# Test uploads leave from here.",
    "release": "# Releases leave from here. A tag push is admitted by a tag rule only, never by one for a branch.",
    "tags": "# Whoever can make such a tag can release.",
}


def written(before: bytes | None, path: str, desired: Declaration) -> bytes:
    """Write what is desired into a file's bytes, None for a file that is not there. Without a difference they are the same.

    Raises `BadInput` where the file is written in a way that cannot be edited: then the person has to.
    """
    if before is not None and not list(changes(parse(before, path), desired)):
        return before
    if before is None or not before.strip():
        return _fresh(desired).encode()
    whole = merged(parse(before, path), desired)
    try:
        after = _edited(before.decode("utf-8"), path, desired).encode()
        if parse(after, path) == whole and _others(before, path) == _others(after, path):
            return after
    except (BadInput, ValueError, TOMLKitError, TypeError, KeyError):
        pass
    left = "; ".join(f"{each.field}: {each.after}" for each in changes(parse(before, path), desired))
    raise BadInput(path, why="it is written in a way that is not edited here", next_step=f"Write this into it: {left}")


def merged(before: Declaration, desired: Declaration) -> Declaration:
    """Say what a file says after the edit: what is desired, and what was there and is not spoken of."""
    rows = list(before.publishers)
    for row, old in _paired(before.publishers, desired.publishers):
        if old is None:
            rows.append(row)
        else:
            rows[next(number for number, each in enumerate(rows) if each is old)] = row
    return desired._replace(
        publishers=tuple(rows),
        environments={**before.environments, **desired.environments},
        indexes={**before.indexes, **desired.indexes},
        accounts={**before.accounts, **desired.accounts},
        vars={**before.vars, **desired.vars},
        path=before.path,
    )


def _others(data: bytes, path: str) -> object:
    """Return what a `pyproject.toml` says of anything else."""
    if path.rsplit("/", 1)[-1] != "pyproject.toml":
        return None
    top = tomllib.loads(data.decode("utf-8"))
    top["tool"].pop("trustpub", None)
    return top


def changes(before: Declaration, desired: Declaration) -> Iterator[Change]:
    """Yield what is desired and not there, field by field, in the words of the file. What is there and not desired stays."""
    for row, old in _paired(before.publishers, desired.publishers):
        where = f"publisher {row.project} on {row.index}"
        if old is None:
            environment = f", environment {row.environment}" if row.environment else ""
            yield Change("+", where, "", f"{row.owner}/{row.repository}, {row.workflow}{environment}")
        else:
            yield from _fields(where, old, row)
    for kind, olds, news in _named(before, desired):
        for name, record in news.items():
            old_record = olds.get(name)
            if old_record is None:
                said = ", ".join(f"{key} = {_shown(value)}" for key, value in _said(record))
                yield Change("+", f"{kind}.{name}", "", said or "nothing said")
            else:
                yield from _fields(f"{kind}.{name}", old_record, record)
    yield from _field("tags.protect", before.tag_protect, desired.tag_protect)
    yield from _field("tags.bypass", before.tag_bypass, desired.tag_bypass)
    yield from _field("attestations.required", before.attestations, desired.attestations)
    for name, value in desired.vars.items():
        yield from _field(f"vars.{name}", before.vars.get(name), value)


def _named(before: Declaration, desired: Declaration) -> tuple[tuple[str, Mapping[str, Record], Mapping[str, Record]], ...]:
    return (
        ("environments", before.environments, desired.environments),
        ("indexes", before.indexes, desired.indexes),
        ("accounts", before.accounts, desired.accounts),
    )


def _paired(
    before: tuple[DeclaredPublisher, ...], desired: tuple[DeclaredPublisher, ...]
) -> Iterator[tuple[DeclaredPublisher, DeclaredPublisher | None]]:
    """Pair every desired publisher with the one that is there: of the same project and index, in their order."""
    left = list(before)
    for row in desired:
        key = (row.index, normalize(row.project))
        same = [old for old in left if (old.index, normalize(old.project)) == key]
        old = next((each for each in same if each == row), same[0] if same else None)
        if old is not None:
            left.remove(old)
        yield row, old


def _fields(where: str, old: Record, new: Record) -> Iterator[Change]:
    for key, before, after in zip(new._fields, old, new, strict=True):
        yield from _field(f"{where}: {key}", before, after)


def _field(where: str, before: object, after: object) -> Iterator[Change]:
    if before != after:
        yield Change("~" if _is_said(before) else "+", where, _shown(before), _shown(after))


def _is_said(value: object) -> bool:
    return value not in (None, "", (), False)


def _shown(value: object) -> str:
    """Write a value as the file does; nothing for what is not said."""
    return "" if value in (None, "", ()) else tomlkit.item(_plain(value)).as_string()


def _plain(value: object) -> str | int | bool | list[str] | dt.date:
    if isinstance(value, Provider):
        return str(value)
    return list(value) if isinstance(value, tuple) else cast("str | int | bool", value)


def _said(record: Record) -> Iterator[tuple[str, object]]:
    """Yield the keys to write of a record: those that say something; of a publisher its index too."""
    for key, value in zip(record._fields, record, strict=True):
        if key == "name" or value == record._field_defaults.get(key, "") or (key == "provider" and value is Provider.GITHUB):
            continue
        yield key, _day(value) if key == "stated" else value


def _day(value: object) -> object:
    """Write a day as a date of TOML, and what is no day of the calendar as the text that it was."""
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return value


def _fresh(desired: Declaration) -> str:
    """Write a whole new file."""
    parts = [HEAD]
    parts += [_table("[[publisher]]", row) for row in desired.publishers]
    tested = {row.environment.lower() for row in desired.publishers if row.index == "testpypi"}
    released = {row.environment.lower() for row in desired.publishers if row.index != "testpypi"}
    told: set[str] = set()
    for name, rules in desired.environments.items():
        kind = "release" if name.lower() in released else "testpypi" if name.lower() in tested else ""
        comment = f"{_COMMENTS[kind]}\n" if kind and kind not in told else ""
        told.add(kind)
        parts.append(comment + _table(f"[environments.{_key(name)}]", rules))
    parts += [_table(f"[indexes.{_key(name)}]", index) for name, index in desired.indexes.items()]
    parts += [_table(f"[accounts.{_key(name)}]", account) for name, account in desired.accounts.items()]
    parts += _singles(desired)
    return "\n".join(parts)


def _singles(desired: Declaration) -> Iterator[str]:
    tags: dict[str, object] = {}
    if desired.tag_protect:
        tags["protect"] = desired.tag_protect
    if desired.tag_bypass != TAG_BYPASS:
        tags["bypass"] = desired.tag_bypass
    if tags:
        yield f"{_COMMENTS['tags']}\n" + _lines("[tags]", tags)
    if desired.attestations is not None:
        yield _lines("[attestations]", {"required": desired.attestations})
    if desired.vars:
        yield _lines("[vars]", desired.vars)


def _table(head: str, record: Record) -> str:
    return _lines(head, dict(_said(record)))


def _lines(head: str, values: Mapping[str, object]) -> str:
    return "".join([f"{head}\n", *(f"{_key(key)} = {_shown(value) or _quoted('')}\n" for key, value in values.items())])


def _quoted(text: str) -> str:
    return tomlkit.item(text).as_string()


def _key(name: str) -> str:
    """Write a key: bare where TOML allows that."""
    return name if name and all(char.isascii() and (char.isalnum() or char in "-_") for char in name) else _quoted(name)


def _edited(text: str, path: str, desired: Declaration) -> str:
    document = tomlkit.parse(text)
    top: Content = document
    if path.rsplit("/", 1)[-1] == "pyproject.toml":
        top = cast("Table", cast("Table", document["tool"])["trustpub"])
    before = parse(text.encode(), path)
    behind = _cut_trailing(_last(top)) if top is not document else []
    _edit_publishers(top, before, desired)
    for kind, olds, news in _named(before, desired):
        for name, record in news.items():
            there = cast("Content | None", cast("Content", top[kind]).get(name)) if kind in top else None
            if there is None:
                _put_table(top, kind, name, dict(_said(record)))
            else:
                _edit(there, olds[name], record)
    _edit_singles(top, before, desired)
    _body(_last(top)).extend(behind)
    edited = tomlkit.dumps(document)
    return edited.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else edited


def _last(table: Content) -> Content:
    """Find the table that stands last in another one: what is about the next part of the file stands at its end."""
    keys = list(table.keys())
    last = table[keys[-1]] if keys else None
    if isinstance(last, AoT) and last:
        return last[-1]
    return _last(last) if isinstance(last, Table) else table


def _edit_publishers(top: Content, before: Declaration, desired: Declaration) -> None:
    rows = cast("AoT | Array | None", top.get("publisher"))
    there = list(rows) if rows is not None else []
    for row, old in _paired(before.publishers, desired.publishers):
        if old is not None:
            position = next(number for number, each in enumerate(before.publishers) if each is old)
            _edit(cast("Table", there[position]), old, row)
            continue
        if rows is None:
            _part(top)
            top["publisher"] = tomlkit.aot()
            rows = cast("AoT", top["publisher"])
        values = dict(_said(row))
        if isinstance(rows, AoT):
            new = _made(values)
            if there:
                _hand_over(rows[-1], new)
            rows.append(new)
        else:
            rows.append(_inline(values))


def _part(top: Content) -> None:
    """Leave a blank line behind what stands last."""
    last = _last(top)
    body = _body(last)
    if body and not isinstance(last, InlineTable) and not isinstance(body[-1][1], Whitespace):
        last.add(tomlkit.nl())


def _made(values: Mapping[str, object]) -> Table:
    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, tomlkit.item(_plain(value)))
    return table


def _edit(table: Content, old: Record, new: Record) -> None:
    """Set the fields that differ; one that says nothing any more is taken out."""
    said = dict(_said(new))
    for key, before, after in zip(new._fields, old, new, strict=True):
        if before != after:
            _set(table, key, said.get(key))


def _edit_singles(top: Content, before: Declaration, desired: Declaration) -> None:
    for kind, key, old, new in (
        ("tags", "protect", before.tag_protect, desired.tag_protect),
        ("tags", "bypass", before.tag_bypass, desired.tag_bypass),
        ("attestations", "required", before.attestations, desired.attestations),
        *(("vars", name, before.vars.get(name), value) for name, value in desired.vars.items()),
    ):
        if old != new:
            if kind not in top:
                top[kind] = tomlkit.table()
            _set(cast("Content", top[kind]), key, new)


def _set(table: Content, key: str, value: object) -> None:
    """Give a key its value: in its place, else behind the last key, before the comments that belong to what follows."""
    if value is None:
        table.pop(key, None)
    elif key in table or isinstance(table, InlineTable) or not list(table.keys()):
        table[key] = tomlkit.item(_plain(value))
    else:
        trailing = _cut_trailing(table)
        table[key] = tomlkit.item(_plain(value))
        _body(table).extend(trailing)


def _put_table(top: Content, kind: str, name: str, values: Mapping[str, object]) -> None:
    if kind not in top:
        top[kind] = tomlkit.table(is_super_table=True)
    group = cast("Content", top[kind])
    if isinstance(group, InlineTable):
        group[name] = _inline(values)
        return
    new = _made(values)
    last = cast("Item", group[list(group.keys())[-1]]) if list(group.keys()) else None
    if isinstance(last, Table):
        _hand_over(last, new)
    group[name] = new


def _inline(values: Mapping[str, object]) -> InlineTable:
    table = tomlkit.inline_table()
    table.update({key: _plain(value) for key, value in values.items()})
    return table


def _hand_over(last: Table, new: Table) -> None:
    """Give the comments behind a table to the one that follows it from now on: they are about what comes after them."""
    trailing = _cut_trailing(last)
    last.add(tomlkit.nl())
    if trailing:
        _body(new).extend(trailing)


def _cut_trailing(table: Content) -> list[tuple[object, Item]]:
    """Take the blank lines and comments at the end of a table out of it."""
    body = _body(table)
    end = len(body)
    while end and isinstance(body[end - 1][1], Whitespace | Comment):
        end -= 1
    trailing = body[end:]
    del body[end:]
    return trailing


def _body(table: Content) -> list[tuple[object, Item]]:
    """The parts of a table in their order, blank lines and comments among them."""
    container = table.value if isinstance(table, Table | InlineTable) else table
    return cast("list[tuple[object, Item]]", container.body)
