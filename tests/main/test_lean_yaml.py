"""The lean `yaml` of a checking process reads as PyYAML does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

TEXTS = [
    "on: push\njobs: {a: [1, 2]}\n",
    "a: |\n  x\n\n  y\nb: >-\n  z\n",
    "a: &x !t 'é 🎉'\nb: *x\n<<: *x\n",
    "a: [1\n",
    "a: *nowhere\n",
    "a: b: c\n",
    "\tx: 1\n",
    "a: \x07\n",
    "a: 1\n---\nb: 2\n",
    "a: *x.yml\n",
    "'open\n",
]

READ = """
import json, sys
if sys.argv[1] == "lean":
    from trustpub.main.lean_yaml import install
    install()
from trustpub.errors import BrokenFile
from trustpub.workflows.source import parse
import yaml
from yaml.reader import ReaderError
def one(text):
    events = []
    parser = yaml.CSafeLoader(text)
    try:
        while parser.check_event():
            event = parser.get_event()
            events.append([repr(event), event.start_mark.index, event.end_mark.index])
    except yaml.MarkedYAMLError as problem:
        events.append([type(problem).__name__, problem.problem, problem.context, problem.problem_mark.index])
    except ReaderError as problem:
        events.append(["ReaderError", problem.reason, problem.position, problem.character])
    try:
        node = repr(parse(text.encode(), "a.yml"))
    except BrokenFile as problem:
        node = str(problem)
    return [events, node.partition(" at 0x")[0]]
print(json.dumps([[one(text) for text in json.load(sys.stdin)], hasattr(yaml, "safe_load")]))
"""


def read(how: str, *path: Path) -> tuple[list[object], bool]:
    """Read the texts in a process of its own; and whether the whole library was loaded."""
    environment = {"PYTHONPATH": ":".join(str(each) for each in path), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", READ, how]
    done = subprocess.run(command, input=json.dumps(TEXTS), capture_output=True, text=True, check=True, env=environment)
    found, whole = json.loads(done.stdout)
    return found, whole


def test_reads_alike() -> None:
    """The same events at the same places, the same errors in the same words."""
    lean, whole = read("lean"), read("whole")

    assert lean[0] == whole[0]
    assert (lean[1], whole[1]) == (False, True)


def test_a_library_of_another_shape_is_loaded_whole(tmp_path: Path) -> None:
    """Where PyYAML's parts cannot be loaded one by one, it is imported as always, and reads the same."""
    import yaml

    twin = tmp_path / "yaml"
    twin.mkdir()
    for file in Path(yaml.__file__).parent.iterdir():
        if file.suffix in (".py", ".so"):
            (twin / file.name).write_bytes(file.read_bytes())
    with (twin / "nodes.py").open("a") as nodes:
        nodes.write("\nimport sys\nif not hasattr(sys, 'again'):\n    sys.again = 1\n    raise ImportError\n")

    assert read("lean", tmp_path) == read("whole")
