"""Uploads behind wrappers: what a step runs out of other files of the checkout, and where the words really stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.samples import job_of
from trustpub.workflows.contexts import raw_environment
from trustpub.workflows.files import FilesInMemory
from trustpub.workflows.publishing import Destination, Upload, Via, unresolved, uploads
from trustpub.workflows.scene import Scene


def found(run: str, files: dict[str, str], env: str = "{}", folder: str = "") -> tuple[Upload, ...]:
    """The uploads of a step that runs a script, in a checkout with these files."""
    body = "".join(f"          {line}\n" for line in run.splitlines())
    job = job_of(f"    env: {env}\n    steps:\n      - run: |\n{body}")
    scene = Scene(FilesInMemory({path: text.encode() for path, text in files.items()}), folder)
    return uploads(job.steps[0], raw_environment((job.env,)), scene)


def ways(run: str, files: dict[str, str], folder: str = "") -> list[tuple[str, str, str, int, str]]:
    """How the uploads of a step were got to, the outermost wrapper of each."""
    all_ = found(run, files, folder=folder)
    return [(via.kind, via.name, via.path, via.line, via.text) for via in (upload.via[0] for upload in all_)]


MAKEFILE = """\
PYTHON ?= python
DIST := dist/*
.PHONY: release

test:
\tpytest
release: clean upload  ## publish it
\t@echo done

clean:
\trm -rf dist
# comment
upload:
\t# twine upload nothing
\t@$(PYTHON) -m twine upload \\
\t\t--repository $(INDEX) \\
\t\t$(DIST)
"""


def test_make() -> None:
    """The recipe of a target that the named one needs, with variables of the file, the call and the environment."""
    (upload,) = found("make release INDEX=testpypi", {"Makefile": MAKEFILE})
    assert Via("make", "upload", "Makefile", 15, "python -m twine upload \\") == upload.via[0]
    assert ("twine", Destination("name", "testpypi"), ("dist/*",)) == (upload.tool, upload.destination, upload.files)


def test_make_elsewhere() -> None:
    """`-C`, `-f`, and the folder of the step."""
    text = "up:\n\tuv publish\n"
    assert [("make", "up", "a/Makefile", 2, "uv publish")] == ways("make -C a up", {"a/Makefile": text})
    assert [("make", "up", "a/x.mk", 2, "uv publish")] == ways("make -f a/x.mk up", {"a/x.mk": text})
    assert [("make", "up", "b/Makefile", 2, "uv publish")] == ways("make up", {"b/Makefile": text}, folder="b")
    assert [("make", "up", "c/Makefile", 2, "uv publish")] == ways("cd c && make up", {"c/Makefile": text})


@pytest.mark.parametrize("run", ["make test", "make nothing", "make -C other upload"])
def test_make_that_does_not_upload(run: str) -> None:
    """Other targets, targets that are not there, folders that are not there."""
    assert () == found(run, {"Makefile": MAKEFILE})


def test_make_sees_the_steps_variables() -> None:
    """The shell of a recipe has the environment; a name that nothing sets is empty for make and the shell alike."""
    text = 'up:\n\ttwine upload -p "$$TOKEN" -u $(USER_NAME) dist/*\n'
    (upload,) = found("make up", {"Makefile": text}, env="{TOKEN: '${{ secrets.T }}', USER_NAME: me}")
    assert (("${{ secrets.T }}",), "me") == (upload.secrets, upload.user)


TOX = """\
[tox]
envlist = py3{11,12}

[testenv]
commands = pytest
[testenv:release]
deps = twine
passenv =
    TWINE_PASSWORD
    OTHER_*
setenv =
    TWINE_USERNAME = {env:TWINE_USERNAME:__token__}
commands =
    python -m build
    # twine upload no
    twine upload {posargs:dist/*}
"""


@pytest.mark.parametrize(
    "run",
    [
        "tox -e release",
        "tox run -e release",
        "python -m tox -e release",
        "tox -erelease",
        "uvx tox -e release",
        "TOXENV=release tox",
    ],
)
def test_tox(run: str) -> None:
    """An environment's commands; tox lets only some variables through, so there is no ID token to be had."""
    (upload,) = found(run, {"tox.ini": TOX}, env="{TWINE_PASSWORD: p, TWINE_REPOSITORY: testpypi}")
    assert (Via("tox", "release", "tox.ini", 16, "twine upload dist/*"),) == upload.via
    assert (("p",), Destination("default"), False) == (upload.secrets, upload.destination, upload.oidc)


def test_tox_lets_an_id_token_through_when_it_is_told_to() -> None:
    """`pass_env` names the runner's variable, or its kind."""
    text = TOX.replace("OTHER_*", "ACTIONS_*")
    assert [None] == [upload.oidc for upload in found("tox -e release", {"tox.ini": text})]


@pytest.mark.parametrize("run", ["tox", "tox -e py311", "tox -e nothing"])
def test_tox_environments_that_do_not_upload(run: str) -> None:
    """Tests are the rule."""
    assert () == found(run, {"tox.ini": TOX})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("setup.cfg", "[tox:tox]\n\n[testenv:release]\ncommands =\n    twine upload dist/*\n"),
        ("pyproject.toml", '[tool.tox]\nlegacy_tox_ini = """\n[testenv:release]\ncommands = twine upload dist/*\n"""\n'),
        ("pyproject.toml", '[tool.tox.env.release]\ncommands = [["twine", "upload", "dist/*"]]\n'),
        ("tox.toml", '[env.release]\ncommands = [["twine", "upload", { replace = "posargs" }]]\n'),
        ("tox.ini", "[testenv]\ncommands =\n    test: pytest\n    release: twine upload dist/*\n"),
        ("tox.ini", "[up]\ncommands = twine upload x\n[testenv:release]\ncommands = {[up]commands}\n"),
    ],
)
def test_the_files_of_tox(path: str, text: str) -> None:
    """All the places and shapes of its configuration."""
    ((kind, name, file, line, words),) = ways("tox -e release", {path: text})
    assert ("tox", "release", path) == (kind, name, file)
    assert text.splitlines()[line - 1].replace('"', "").replace(",", "").count("twine upload") == 1
    assert words.startswith("twine upload")


NOXFILE = """\
import nox

@nox.session(name="publish", python="3.12")
def release_it(session: nox.Session) -> None:
    session.install("twine")
    files = session.posargs
    session.run("twine", "check", *files)
    session.run("twine", "upload", "--repository", index, *session.posargs, env={"TWINE_USERNAME": "me"})

@nox.session
def up(session):
    helper(session)
    session.notify("publish")

def helper(session):
    session.run("uv", "publish", external=True)

@nox.session
def tests(session):
    session.run("pytest")
"""


@pytest.mark.parametrize("run", ["nox -s publish", "uvx nox --session publish -- a.whl", "nox -e publish-3.12"])
def test_nox(run: str) -> None:
    """A session by its name; words that are not literal stay unknown."""
    (upload,) = found(run, {"noxfile.py": NOXFILE})
    assert ("nox", "noxfile.py", 8) == (upload.via[0].kind, upload.via[0].path, upload.via[0].line)
    assert (Destination("name", "$index"), "me") == (upload.destination, upload.user)


def test_nox_through_other_functions() -> None:
    """Sessions that are notified, and functions that are called."""
    assert ["helper", "publish"] == [name for _, name, _, _, _ in ways("nox -s up", {"noxfile.py": NOXFILE})]
    assert [] == ways("nox -s tests", {"noxfile.py": NOXFILE})
    assert [] == ways("nox", {"noxfile.py": NOXFILE})


JUSTFILE = """\
index := "testpypi"

test:
    pytest

release name=index: build (up "x")
    echo {{name}}

build:
    uv build

up target:
    @twine upload -r {{index}} dist/*
"""


def test_just() -> None:
    """Recipes with what they need, parameters and variables."""
    (upload,) = found("just release", {"justfile": JUSTFILE})
    assert Via("just", "up", "justfile", 13, "twine upload -r testpypi dist/*") == upload.via[0]
    assert Destination("name", "testpypi") == upload.destination
    assert () == found("just test", {"justfile": JUSTFILE})


@pytest.mark.parametrize(
    ("run", "path", "text", "kind"),
    [
        ("hatch run up", "pyproject.toml", '[tool.hatch.envs.default.scripts]\nup = "twine upload dist/*"\n', "hatch"),
        ("hatch run rel:up", "pyproject.toml", '[tool.hatch.envs.rel.scripts]\nup = ["ls", "twine upload x"]\n', "hatch"),
        ("hatch run rel:up", "hatch.toml", '[envs.rel.scripts]\nup = "go"\ngo = "twine upload {args:dist/*}"\n', "hatch"),
        ("pdm run up", "pyproject.toml", '[tool.pdm.scripts]\nup = {cmd = "twine upload x"}\n', "pdm"),
        ("pdm run up", "pyproject.toml", '[tool.pdm.scripts]\nup = {composite = ["go"]}\ngo.shell = "twine upload x"\n', "pdm"),
        ("pdm run up", "pyproject.toml", '[tool.pdm.scripts]\nup = {cmd = ["twine", "upload", "x"]}\n', "pdm"),
        ("rye run up", "pyproject.toml", '[tool.rye.scripts]\nup = "twine upload x"\n', "rye"),
        ("pipenv run up", "Pipfile", '[scripts]\nup = "twine upload x"\n', "pipenv"),
        ("poe up", "pyproject.toml", '[tool.poe.tasks]\nup = "twine upload x"\n', "poe"),
        ("uv run poe up", "pyproject.toml", '[tool.poe.tasks]\nup = ["go"]\ngo.shell = "twine upload x"\n', "poe"),
        ("poetry run task up", "pyproject.toml", '[tool.taskipy.tasks]\nup = "twine upload x"\n', "task"),
        ("npm run up", "package.json", '{"scripts": {"up": "twine upload x"}}', "npm"),
        ("yarn up", "package.json", '{"scripts": {"up": "twine upload x"}}', "yarn"),
        ("invoke up", "tasks.py", "@task\ndef up(c):\n    go(c)\n\ndef go(c):\n    c.run('twine upload x')\n", "invoke"),
        ("inv up-it", "tasks.py", "@task\ndef up_it(c):\n    c.run(f'twine upload {x}')\n", "invoke"),
        ("./up", "up", "#!/bin/sh\ntwine upload x\n", "script"),
        ("scripts/up", "scripts/up", "#!/bin/sh\nif [ -d v ]; then P=v/bin/; else P=; fi\n${P}twine upload x\n", "script"),
        ("bash tools/up.sh", "tools/up.sh", "set -e\ntwine upload x\n", "script"),
        ("source up.sh", "up.sh", "twine upload x\n", "script"),
        ("sh -ex up.sh x", "up.sh", "twine upload $1\n", "script"),
        ("bash $GITHUB_WORKSPACE/up.sh", "up.sh", "twine upload x\n", "script"),
        ("python up.py", "up.py", "import subprocess\nsubprocess.run(['twine', 'upload', *files], check=True)\n", "python"),
        ("uv run up.py", "up.py", "from subprocess import check_call\ncheck_call(('twine', 'upload', 'x'))\n", "python"),
        ("python3 -u ci/up.py", "ci/up.py", "import os\nos.system('twine upload x')\n", "python"),
        ("python up.py", "up.py", "import sys\nrun([sys.executable, '-m', 'twine', 'upload', 'x'])\n", "python"),
        ("./up", "up", "#!/usr/bin/env python\nimport os\nos.system('twine upload x')\n", "python"),
    ],
)  # fmt: skip
def test_scripts_and_tasks(run: str, path: str, text: str, kind: str) -> None:
    """Every place in which people keep the command, and its line there."""
    (upload,) = found(run, {path: text})
    via = upload.via[0]
    assert ("twine", kind, path) == (upload.tool, via.kind, via.path)
    assert "upload" in text.splitlines()[via.line - 1]


@pytest.mark.parametrize(
    ("run", "files"),
    [
        ("hatch run other:up", {"pyproject.toml": '[tool.hatch.envs.rel.scripts]\nup = "twine upload x"\n'}),
        ("npm publish", {"package.json": '{"scripts": {"publish": "twine upload x"}}'}),
        ("yarn up", {"package.json": "no json"}),
        ("./up", {"up": "#!/usr/bin/env ruby\ntwine upload x\n"}),
        ("python up.py", {"up.py": "print('twine upload x')\n"}),
        ("python up.py", {"up.py": "def (broken\nos.system('twine upload x')"}),
        ("bash /etc/up.sh", {"etc/up.sh": "twine upload x"}),
        ("bash ../up.sh", {"up.sh": "twine upload x"}),
        ("poe up", {"pyproject.toml": "[tool.poe\n"}),
        ("poe up", {}),
    ],
)
def test_what_is_no_upload(run: str, files: dict[str, str]) -> None:
    """Other environments, other programs, broken files, and files outside of the checkout."""
    assert () == found(run, files)


def test_wrappers_in_wrappers() -> None:
    """Each is told; the place in the step is that of the first."""
    files = {"Makefile": "up:\n\t./up.sh\n", "up.sh": "\ntwine upload x\n"}
    (upload,) = found("echo hello\nmake up", files)
    assert 11 == upload.offset
    assert [("make", "up", 2), ("script", "up.sh", 2)] == [(via.kind, via.name, via.line) for via in upload.via]


def test_wrappers_that_call_themselves_end() -> None:
    """However deep they go."""
    assert () == found("./up.sh", {"up.sh": "./up.sh && make up # publish\n", "Makefile": "up: up\n\t./up.sh\n"})


def test_what_a_script_cannot_tell() -> None:
    """A publishing name without its file, or with words that are put together while it runs."""
    step = job_of("    steps:\n      - run: python publish.py && make publish").steps[0]
    scene = Scene(FilesInMemory({"publish.py": b"run([tool, 'publish'])\nargs = ['x', 'publish']\nrun(args)\n"}))
    assert ["make publish"] == [one.text for one in unresolved(step, {}, Scene(FilesInMemory({"publish.py": b""})))]
    assert ["make publish"] == [one.text for one in unresolved(step, {}, scene)][-1:]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".releaserc.json", '{"plugins": [["@semantic-release/exec", {\n"publishCmd": "twine upload \\"x y\\""}]]}'),
        (".releaserc.yml", "plugins:\n  - - '@semantic-release/exec'\n    - publishCmd: twine upload x\n"),
    ],
)
def test_the_release_tool_of_npm(path: str, text: str) -> None:
    """Its plugin runs commands that the project's configuration holds."""
    (upload,) = found("npx semantic-release@19", {path: text})
    assert ("twine", "semantic-release", path) == (upload.tool, upload.via[0].kind, upload.via[0].path)
    assert "publishCmd" in text.splitlines()[upload.via[0].line - 1]


def test_files_that_want_to_take_long() -> None:
    """Variables in variables, factors beside factors, sections that name each other."""
    deep = "".join(f"V{level} = {f'$(V{level + 1})' * 300}\n" for level in range(8))
    assert () == found("make up", {"Makefile": f"{deep}V8 = x\nup:\n\techo publish $(V0)\n"})
    factors = "[testenv]\ncommands =\n    " + "{a,b}" * 40 + ": twine upload x\n"
    assert () == found("tox -e release", {"tox.ini": factors})
    circles = "".join(f"[s{name}]\ncommands =\n" + "    {[s0]commands}\n    {[s1]commands}\n" * 50 for name in (0, 1))
    assert () == found("tox -e up", {"tox.ini": f"{circles}[testenv:up]\ncommands = {{[s0]commands}}\n# publish"})


_PIECES = st.sampled_from(
    [
        "up:",
        "\n",
        "\t",
        " ",
        "twine upload x",
        "$(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "=",
        ":=",
        "\\\n",
        "@",
        '"',
        "'",
        "publish",
        "release",
        "#",
        ",",
        "$",
        "def ",
        "(",
        "env",
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_any_file_is_read(text: str) -> None:
    """Whatever stands in a wrapper's file: nothing raises."""
    names = (
        "Makefile tox.ini setup.cfg pyproject.toml tox.toml noxfile.py justfile tasks.py package.json hatch.toml Pipfile "
        "pixi.toml up.sh up.py .releaserc poetry.toml uv.toml pdm.toml"
    )
    script = (
        "make up; tox -e up; nox -s up; just up; invoke up; npm run up; hatch run up; pdm run up; pipenv run up; pixi run up\n"
        "poe up; ./up.sh; python up.py; semantic-release; poetry publish -r up; uv publish; pdm publish -r up"
    )
    assert {"poetry", "uv", "pdm"} <= {upload.tool for upload in found(script, dict.fromkeys(names.split(), f"publish\n{text}"))}
