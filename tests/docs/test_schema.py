"""The JSON Schema of `trustpub.toml` is written from the code, and judges documents as the parser does."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import tomllib
from types import ModuleType

import jsonschema
import pytest

from tests.docs.markdown import REFERENCE, ROOT
from trustpub.domain.declaration import parse
from trustpub.errors import BadInput

ROW = '[[publisher]]\nproject = "tool"\nowner = "Octo"\nrepository = "tool"\nworkflow = "release.yml"\n'
GITLAB = ROW + 'provider = "gitlab"\n'
VALID = [
    "",
    ROW,
    ROW + 'owner_id = "7"\n',
    ROW + "owner_id = 7\n",
    ROW + 'index = "testpypi"\nprovider = "github"\nenvironment = ""\nissuer = ""\npath = "a/b..c"\npending = true\n',
    ROW + "stated = 2026-11-22\n",
    ROW + 'stated = "2026-11-22"\n',
    ROW + 'stated = ""\n',
    GITLAB.replace("release.yml", "ci/release.yaml"),
    "publisher = []\n",
    (
        '[environments.pypi]\nreviewers = ["ann", "org/team"]\nwait_minutes = 43200\nbranches = ["main", "refs/pull/*/merge"]\n'
        'tags = ["v*"]\nadmins_bypass = false\nprevent_self_review = true\n'
    ),
    "[environments.pypi]\n",
    '[tags]\nprotect = ["v*"]\nbypass = ["admin", "maintain", "org/team"]\n',
    "[tags]\nprotect = []\n",
    '[indexes.own]\nurl = "https://own.example:8443/legacy/"\naudience = "own"\n',
    '[accounts.pypi]\nuser = "ann"\nstated = 2026-11-22\n',
    "[attestations]\nrequired = false\n",
    '[vars]\nENV = "live"\nEMPTY = ""\n',
]
INVALID = [
    "publisher = 1\n",
    "[publisher]\n",
    "[[publishers]]\n",
    ROW.replace('project = "tool"\n', ""),
    ROW.replace('"tool"', "1", 1),
    ROW.replace('"Octo"', '""'),
    ROW.replace("release.yml", "release"),
    ROW.replace("release.yml", ".github/workflows/release.yml"),
    GITLAB.replace("release.yml", "ci/release"),
    ROW + 'provider = "google"\n',
    ROW + "owner_id = true\n",
    ROW + "owner_id = -7\n",
    ROW + 'owner_id = "x7"\n',
    ROW + 'path = "/x"\n',
    ROW + 'path = "x/../y"\n',
    ROW + 'path = ".."\n',
    ROW + "path = 'x\\y'\n",
    ROW + 'pending = "yes"\n',
    ROW + 'stated = "22.11.2026"\n',
    ROW + "stated = 2026-11-22T10:00:00\n",
    ROW + "stated = 7\n",
    ROW + 'enviroment = "x"\n',
    "environments = 1\n",
    "[environments]\na = 1\n",
    "[environments.a]\ntag = []\n",
    '[environments.a]\ntags = "v*"\n',
    '[environments.a]\ntags = ["refs/tags/v*"]\n',
    '[environments.a]\nbranches = ["refs/heads/main"]\n',
    '[environments.a]\nbranches = [""]\n',
    '[environments.a]\nreviewers = ["@ann"]\n',
    '[environments.a]\nreviewers = ["org/team/more"]\n',
    '[environments.a]\nreviewers = ["a", "b", "c", "d", "e", "f", "g"]\n',
    "[environments.a]\nwait_minutes = 43201\n",
    "[environments.a]\nwait_minutes = -1\n",
    "[environments.a]\nwait_minutes = true\n",
    "[environments.a]\nadmins_bypass = 1\n",
    '[environments.a]\nprevent_self_review = "no"\n',
    "tags = []\n",
    '[tags]\nprotect = ["refs/tags/v*"]\n',
    "[tags]\nbypass = []\n",
    '[tags]\nbypass = ["write"]\n',
    "[tags]\nprotected = []\n",
    '[indexes.pypi]\nurl = "https://x.example/"\n',
    "[indexes.a]\n",
    '[indexes.a]\nurl = "ftp://x.example/"\n',
    '[indexes.a]\nurl = "https://me:word@x.example/"\n',
    '[indexes.a]\nurl = "https://x.example/"\naudience = 1\n',
    '[accounts.pypi]\nname = "ann"\n',
    "[accounts.pypi]\nstated = false\n",
    "[attestations]\nrequired = 1\n",
    "[attestations]\nrequire = true\n",
    "[vars]\nX = 1\n",
]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """The program that writes the schema."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def published() -> jsonschema.Draft202012Validator:
    """The schema as it is published."""
    schema = json.loads((REFERENCE / "trustpub.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def plain(value: object) -> object:
    """What an editor makes of TOML: dates become texts."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def test_the_schema_is_the_codes_own(generate: ModuleType) -> None:
    """`.venv/bin/python docs/generate.py` writes it anew after a change of a key or of what the reference says of it."""
    assert generate.schema_file() == (REFERENCE / "trustpub.schema.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", VALID)
def test_both_take_what_is_right(text: str, published: jsonschema.Draft202012Validator) -> None:
    """The parser reads it, and the schema has nothing to say."""
    parse(text.encode(), "trustpub.toml")

    assert [] == [error.message for error in published.iter_errors(plain(tomllib.loads(text)))]


@pytest.mark.parametrize("text", INVALID)
def test_both_refuse_what_is_wrong(text: str, published: jsonschema.Draft202012Validator) -> None:
    """The parser names file and field, and the schema finds something too."""
    with pytest.raises(BadInput, match=r"^trustpub.toml: "):
        parse(text.encode(), "trustpub.toml")

    assert [error.message for error in published.iter_errors(plain(tomllib.loads(text)))]


@pytest.mark.parametrize("path", ["trustpub.toml", "examples/orchay/trustpub.toml"])
def test_our_own_files_fit_the_schema(path: str, published: jsonschema.Draft202012Validator) -> None:
    """Those of this repository."""
    assert [] == [error.message for error in published.iter_errors(plain(tomllib.loads((ROOT / path).read_text())))]
