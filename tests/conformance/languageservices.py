"""Holds our reading of GitHub's language against the cases that GitHub publishes for its own readers.

The data is actions/languageservices (MIT): `expressions/testdata` and `workflow-parser/testdata/reader`. It is not part of this
project: give the folder of a copy. Values are compared as values, and where GitHub gives an error we must give one.

    python -m tests.conformance.languageservices FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.conformance import languageservices_workflows as workflows
from trustpub.workflows.evaluation import Items, Record, Unknown, Value, World, evaluate, from_data
from trustpub.workflows.expressions import Context, Wrong, parse, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KINDS = {bool: "Boolean", float: "Number", str: "String", type(None): "Null", Items: "Array", Record: "Object"}


class Outcome(NamedTuple):
    """One case: whether we agree, and what differs when we do not (`reason` when that is known and meant)."""

    case: str
    agrees: bool
    difference: str = ""
    reason: str = ""


def expressions(folder: Path) -> Iterator[Outcome]:
    """Hold every expression case against our lexer, parser and evaluator."""
    for path in sorted((folder / "expressions" / "testdata").glob("*.json")):
        for name, cases in json.loads(path.read_text("utf-8")).items():
            for number, case in enumerate(cases, 1):
                yield _expression(f"{path.stem}: {name} {number}", case)


def _expression(title: str, case: Mapping[str, object]) -> Outcome:
    contexts = case.get("contexts") or {}
    assert isinstance(contexts, dict)
    got = _value(str(case["expr"]), contexts)
    wanted: tuple[object, ...] = ("error",)
    if not case.get("err"):
        result = case["result"]
        assert isinstance(result, dict)
        kind = "Object" if result["kind"] == "Dictionary" else str(result["kind"])
        wanted = (kind, result["value"])
    same = json.dumps(got) == json.dumps(wanted) or (got[0] == wanted[0] == "Number" and _same_number(got[1], wanted[1]))
    return Outcome(title, same, "" if same else f"{case['expr']!r}: GitHub {wanted}, we {got}")


def _same_number(got: object, wanted: object) -> bool:
    return got == wanted or (got != got and wanted is None)


def _value(text: str, contexts: Mapping[str, object]) -> tuple[object, ...]:
    """Evaluate a text among contexts; an error at whatever stage is one error here."""
    tree = parse(text)
    if isinstance(tree, Wrong):
        return ("error",)
    known = {name.lower() for name in contexts}
    if any(isinstance(node, Context) and node.name.lower() not in known for node in walk(tree)):
        return ("error",)
    value = evaluate(tree, World({name.lower(): from_data(data) for name, data in contexts.items()}))
    if isinstance(value, Unknown):
        return ("error",) if value.wrong is not None else ("unknown",)
    return KINDS[type(value)], _data(value)


def _data(value: Value) -> object:
    if isinstance(value, Items):
        return [_data(item) for item in value.values]
    if isinstance(value, Record):
        return {value.names.get(name, name): _data(item) for name, item in value.values.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def main(folder: Path) -> int:
    """Print how many cases agree, and every difference; 0 when each difference has its reason."""
    unmeant = 0
    for title, found in (("expressions", list(expressions(folder))), ("workflows", list(workflows.outcomes(folder)))):
        agree = sum(outcome.agrees for outcome in found)
        sys.stdout.write(f"{title}: {agree} of {len(found)} cases agree\n")
        for outcome in found:
            if not outcome.agrees:
                unmeant += not outcome.reason
                sys.stdout.write(f"  {outcome.case}: {outcome.reason or 'DIFFERS'}: {outcome.difference}\n")
    return 1 if unmeant else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
