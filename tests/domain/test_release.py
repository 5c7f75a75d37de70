"""The upload form: every client's own way of filling it, and the first thing that is wrong with one."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b, md5, sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from trustpub.domain.core_metadata import CoreMetadata, Problem, Rules, read
from trustpub.domain.release import (
    Submission,
    agreement_problem,
    content_problem,
    digest_problem,
    release_metadata,
    submission,
)

DATA = b"the wheel"
SHA256 = sha256(DATA).hexdigest()
MD5 = md5(DATA, usedforsecurity=False).hexdigest()
BLAKE2 = blake2b(DATA, digest_size=32).hexdigest()

Fields = list[tuple[str, str]]

CLIENTS: dict[str, tuple[Fields, Submission]] = {
    "twine 7, wheel": (
        [
            ("metadata_version", "2.5"), ("name", "tiny-demo.pkg"), ("version", "1.0"), ("summary", "tiny"),
            ("keywords", "a, b c"), ("license_expression", "MIT"), ("license_file", "LICENSE"), ("description", "Hello"),
            ("pyversion", "py3"), ("filetype", "bdist_wheel"), ("sha256_digest", SHA256), ("blake2_256_digest", BLAKE2),
            (":action", "file_upload"), ("protocol_version", "1"),
        ],
        Submission("tiny-demo.pkg", "tiny-demo-pkg", Version("1.0"), "bdist_wheel", "py3",  # type: ignore[arg-type]
                   (("sha256", SHA256), ("blake2_256", BLAKE2))),
    ),
    "uv 0.13, wheel": (
        [
            (":action", "file_upload"), ("sha256_digest", SHA256), ("blake2_256_digest", BLAKE2), ("protocol_version", "1"),
            ("metadata_version", "2.5"), ("name", "tiny_demo.pkg"), ("version", "1.0"), ("filetype", "bdist_wheel"),
            ("pyversion", "cp311.cp312"), ("requires_python", ""), ("import_names", "tiny_demo"),
            ("attestations", "[{}]"),
        ],
        Submission("tiny_demo.pkg", "tiny-demo-pkg", Version("1.0"), "bdist_wheel", "cp311.cp312",  # type: ignore[arg-type]
                   (("sha256", SHA256), ("blake2_256", BLAKE2)), "[{}]"),
    ),
    "uv 0.13, sdist": (
        [
            (":action", "file_upload"), ("sha256_digest", SHA256), ("blake2_256_digest", BLAKE2), ("protocol_version", "1"),
            ("metadata_version", "2.4"), ("name", "tiny_demo.pkg"), ("version", "1.0"), ("filetype", "sdist"),
            ("pyversion", "source"), ("requires_python", ""),
        ],
        Submission("tiny_demo.pkg", "tiny-demo-pkg", Version("1.0"), "sdist", "source",  # type: ignore[arg-type]
                   (("sha256", SHA256), ("blake2_256", BLAKE2))),
    ),
    "pdm 2.29, wheel": (
        [
            ("name", "tiny_demo.pkg"), ("version", "1.0"), ("metadata_version", "2.1"), ("filetype", "bdist_wheel"),
            ("pyversion", "py3"), ("summary", "tiny"), ("home_page", ""), ("author", ""), ("license", ""), ("comment", ""),
            ("provides_extras", "dev"), ("sha256_digest", SHA256), ("md5_digest", MD5), ("blake2_256_digest", BLAKE2),
            (":action", "file_upload"), ("protocol_version", "1"),
        ],
        Submission("tiny_demo.pkg", "tiny-demo-pkg", Version("1.0"), "bdist_wheel", "py3",  # type: ignore[arg-type]
                   (("md5", MD5), ("sha256", SHA256), ("blake2_256", BLAKE2))),
    ),
    "hatch 1.18, sdist": (
        [
            ("metadata_version", "2.5"), ("name", "tiny_demo.pkg"), ("version", "1.0"), ("classifiers", "A"),
            ("classifiers", "B"), ("requires_dist", "click"), ("requires_dist", "rich"), ("filetype", "sdist"),
            ("pyversion", "source"), (":action", "file_upload"), ("protocol_version", "1"), ("md5_digest", MD5),
            ("sha256_digest", SHA256), ("blake2_256_digest", BLAKE2),
        ],
        Submission("tiny_demo.pkg", "tiny-demo-pkg", Version("1.0"), "sdist", "source",  # type: ignore[arg-type]
                   (("md5", MD5), ("sha256", SHA256), ("blake2_256", BLAKE2)), requires_dist=("click", "rich")),
    ),
    "poetry 2.5, sdist": (
        [
            ("md5_digest", MD5), ("sha256_digest", SHA256), ("blake2_256_digest", BLAKE2), ("filetype", "sdist"),
            ("pyversion", "source"), ("name", "tiny_demo.pkg"), ("version", "1.0"), ("metadata_version", "2.3"),
            (":action", "file_upload"), ("protocol_version", "1"),
        ],
        Submission("tiny_demo.pkg", "tiny-demo-pkg", Version("1.0"), "sdist", "source",  # type: ignore[arg-type]
                   (("md5", MD5), ("sha256", SHA256), ("blake2_256", BLAKE2))),
    ),
    "flit 4.2, sdist without a Python version": (
        [
            (":action", "file_upload"), ("name", "tiny_demo.pkg"), ("version", "1.0"), ("metadata_version", "2.3"),
            ("summary", "tiny"), ("provides", "tiny_demo"), ("filetype", "sdist"), ("md5_digest", MD5),
            ("sha256_digest", SHA256),
        ],
        Submission("tiny_demo.pkg", "tiny-demo-pkg", Version("1.0"), "sdist", "source",  # type: ignore[arg-type]
                   (("md5", MD5), ("sha256", SHA256))),
    ),
    "maturin 1.16, one digest and the normalised name": (
        [
            (":action", "file_upload"), ("sha256_digest", SHA256), ("protocol_version", "1"), ("metadata_version", "2.4"),
            ("name", "tiny-demo-pkg"), ("version", "1.0"), ("filetype", "bdist_wheel"), ("pyversion", "py3"),
            ("requires_python", ">=3.9"),
        ],
        Submission("tiny-demo-pkg", "tiny-demo-pkg", Version("1.0"), "bdist_wheel", "py3",  # type: ignore[arg-type]
                   (("sha256", SHA256),), requires_python=">=3.9"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_is_understood(client: str) -> None:
    """The form of each client, in its own order and with its own omissions, is read to what it means."""
    fields, expected = CLIENTS[client]

    assert expected == submission(fields)


@pytest.mark.parametrize("client", CLIENTS)
def test_the_order_of_fields_means_nothing(client: str) -> None:
    """Twine's order changes with every run."""
    fields, expected = CLIENTS[client]

    assert expected == submission(fields[::-1])


GOOD: dict[str, str] = {
    ":action": "file_upload",
    "protocol_version": "1",
    "metadata_version": "2.4",
    "name": "tiny-demo",
    "version": "1.0",
    "filetype": "bdist_wheel",
    "pyversion": "py3",
    "sha256_digest": SHA256,
}

WITHOUT = "\0absent"

REFUSALS: dict[str, tuple[dict[str, str], str]] = {
    "protocol": ({"protocol_version": "2"}, "Unknown protocol version."),
    "protocol before all else": ({"protocol_version": "2", "name": WITHOUT}, "Unknown protocol version."),
    "metadata version": ({"metadata_version": "3.0"}, "'3.0' is an invalid value for Metadata-Version. Error: "),
    "metadata version before name": ({"metadata_version": "1.9", "name": "-"}, "'1.9' is an invalid value for Metadata-Version."),
    "no name": ({"name": WITHOUT}, "Invalid value for name. Error: This field is required."),
    "empty name": ({"name": ""}, "Invalid value for name. Error: This field is required."),
    "unknown name": ({"name": " UNKNOWN "}, "Invalid value for name. Error: This field is required."),
    "bad name": ({"name": "tiny demo"}, "'tiny demo' is an invalid value for Name. Error: Start and end with a letter"),
    "name with a line end": ({"name": "tiny\ndemo"}, "'tiny demo' is an invalid value for Name."),
    "name with NUL": ({"name": "tiny\0demo"}, "'tiny\\x00demo' is an invalid value for Name."),
    "name before version": ({"name": "-", "version": "-"}, "'-' is an invalid value for Name."),
    "no version": ({"version": WITHOUT}, "Invalid value for version. Error: This field is required."),
    "bad version": ({"version": "one"}, "'one' is an invalid value for Version. Error: "),
    "full-width digits": ({"version": "\uff11.\uff10"}, "'\uff11.\uff10' is an invalid value for Version."),
    "local version": (
        {"version": "1.0+cu118"},
        "'1.0+cu118' is an invalid value for Version. Error: The use of local versions in",
    ),
    "no file type": ({"filetype": WITHOUT}, "Invalid value for filetype. Error: This field is required."),
    "egg": ({"filetype": "bdist_egg"}, "Invalid value for filetype. Error: Use a known file type."),
    "wheel without Python": ({"pyversion": WITHOUT}, "Error: Python version is required for binary distribution uploads."),
    "sdist with Python": ({"filetype": "sdist"}, "Error: Use 'source' as Python version for an sdist."),
    "long Python": ({"pyversion": "py3." * 60}, "Invalid value for pyversion. Error: Field cannot be longer"),
    "no digest": ({"sha256_digest": WITHOUT}, "Error: Include at least one message digest."),
    "short digest": ({"sha256_digest": SHA256[:-1]}, "Invalid value for sha256_digest. Error: Use a valid, hex-encoded,"),
    "digest of other letters": ({"blake2_256_digest": "g" * 64}, "Invalid value for blake2_256_digest. Error: Use a valid,"),
    "short md5": ({"md5_digest": "0" * 31}, "Invalid value for md5_digest. Error: Use a valid, hex-encoded, MD5"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_wrong_is_said_first_and_in_these_words(name: str) -> None:
    """One problem, the one that PyPI would name, starting as PyPI's text does."""
    changes, start = REFUSALS[name]
    fields = [(field, value) for field, value in {**GOOD, **changes}.items() if value != WITHOUT]

    found = submission(fields)

    assert isinstance(found, Problem)
    assert found.message.startswith(start)


@pytest.mark.parametrize("field", ["name", "version", "filetype", "sha256_digest", "metadata_version", "pyversion"])
def test_a_single_use_field_sent_twice_is_refused(field: str) -> None:
    """Which of the two would be meant is nobody's to guess, even when they are equal."""
    found = submission([*GOOD.items(), (field, GOOD[field])])

    assert isinstance(found, Problem)
    assert found.message == f"Invalid value for {field}. Error: '{field}' has invalid data."


def test_an_upper_case_digest_is_the_same_digest() -> None:
    """Hexadecimal digits have no case."""
    found = submission({**GOOD, "sha256_digest": SHA256.upper()}.items())

    assert isinstance(found, Submission)
    assert found.digests == (("sha256", SHA256),)


def test_local_versions_when_the_index_allows_them() -> None:
    """A private index may take builds for one kind of hardware."""
    found = submission({**GOOD, "version": "1.0+cu118"}.items(), Rules(local_versions=True))

    assert isinstance(found, Submission)
    assert str(found.version) == "1.0+cu118"


FORM = submission(GOOD.items())


def form() -> Submission:
    """The good form."""
    assert isinstance(FORM, Submission)
    return FORM


def test_every_digest_that_was_sent_must_be_right() -> None:
    """One right digest does not excuse a wrong one; one that was not computed is wrong."""
    both = submission({**GOOD, "md5_digest": MD5}.items())
    assert isinstance(both, Submission)
    actual = {"sha256": SHA256, "md5": MD5, "blake2_256": BLAKE2}
    words = "The digest supplied does not match a digest calculated from the uploaded file."

    assert digest_problem(both, actual) is None
    for kind in ("sha256", "md5"):
        wrong = digest_problem(both, {**actual, kind: "0"})
        assert wrong is not None
        assert wrong.message == words
        assert digest_problem(both, {name: value for name, value in actual.items() if name != kind}) is not None


@pytest.mark.parametrize("sent", ["", "application/octet-stream", "application/x-gzip", "text/plain"])
def test_any_media_type_that_clients_send_is_fine(sent: str) -> None:
    """uv, flit and maturin send none."""
    assert content_problem(form(), "tiny_demo-1.0-py3-none-any.whl", sent) is None


@pytest.mark.parametrize("sent", ["image/png", "IMAGE/JPEG"])
def test_an_image_is_no_distribution(sent: str) -> None:
    """As on PyPI."""
    found = content_problem(form(), "tiny_demo-1.0-py3-none-any.whl", sent)

    assert found is not None
    assert found.message == "Invalid distribution file."


def core(**changes: str) -> CoreMetadata:
    """The metadata of the good file, with these fields changed."""
    fields = {"metadata-version": "2.4", "name": "Tiny.Demo", "version": "1.0.0", **changes}
    return CoreMetadata({name: (value,) for name, value in fields.items()}, "")


def test_the_file_may_spell_name_and_version_in_its_own_way() -> None:
    """Equal after normalisation is equal."""
    assert agreement_problem(form(), core()) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "other"}, "Invalid distribution file. Its metadata has Name 'other', but the upload is for 'tiny-demo'."),
        ({"version": "1.1"}, "Invalid distribution file. Its metadata has Version '1.1', but the upload is for '1.0'."),
    ],
)
def test_the_file_must_be_what_the_form_says(changes: dict[str, str], words: str) -> None:
    """The file is the truth: a form for another project or version is refused."""
    found = agreement_problem(form(), core(**changes))

    assert found is not None
    assert found.message == words


DEPENDENCIES = [
    # file, form, what differs
    ({"requires-python": (">=3.9,<4",)}, {"requires_python": "<4, >=3.9"}, None),
    ({"requires-python": (">=3.9",)}, {"requires_python": ""}, None),
    ({}, {"requires_python": ">=3.9"}, ("requires_python", "Requires-Python '', but the upload is for '>=3.9'")),
    ({"requires-python": (">=3.9",)}, {"requires_python": ">=3.8"}, ("requires_python", "Requires-Python '>=3.9'")),
    ({"requires-python": ("x",)}, {"requires_python": "y"}, ("requires_python", "Requires-Python 'x'")),
    ({"requires-dist": ("click>=8", "Rich (<9)")}, {"requires_dist": ("rich<9", "click >=8")}, None),
    ({"requires-dist": ("click",)}, {"requires_dist": ()}, None),
    ({"requires-dist": ("a; extra == 'dev'",)}, {"requires_dist": ('a ; extra=="dev"',)}, None),
    (
        {"requires-dist": ("click", "evil")},
        {"requires_dist": ("click",)},
        ("requires_dist", "Requires-Dist 'evil', but the upload is for 'nothing more'"),
    ),
    (
        {"requires-dist": ("click>=8",)},
        {"requires_dist": ("click>=7",)},
        ("requires_dist", "Requires-Dist 'click>=8', but the upload is for 'click>=7'"),
    ),
    ({"requires-dist": ("a b",)}, {"requires_dist": ("a c",)}, ("requires_dist", "Requires-Dist 'a b'")),
]


@pytest.mark.parametrize(("file", "said", "expected"), DEPENDENCIES)
def test_a_wheel_depends_on_what_the_form_says(
    file: dict[str, tuple[str, ...]], said: dict[str, object], expected: tuple[str, str] | None
) -> None:
    """Spelling and order mean nothing; a requirement more or less is told with the field."""
    metadata = CoreMetadata({**core().fields, **file}, "")

    found = agreement_problem(replace(form(), **said), metadata)  # type: ignore[arg-type]

    assert (found is None) is (expected is None)
    if found is not None and expected is not None:
        assert found.field == expected[0]
        assert expected[1] in found.message
    sdist = replace(form(), filetype="sdist", **said)  # type: ignore[arg-type]
    assert agreement_problem(sdist, metadata) is None


def test_what_a_release_keeps() -> None:
    """Form names, lists where a field may stand more than once, the body as the description."""
    text = (
        b"Metadata-Version: 2.4\nName: tiny\nVersion: 1\nClassifier: A\nClassifier: B\nPlatform: any\nRequires-Dist: click\n"
        b"Project-URL: Home, https://example.org\nProvides-Extra: dev\nKeywords: a,b\nLicense-File: LICENSE\n\nHello.\n"
    )
    metadata = read(text)
    assert isinstance(metadata, CoreMetadata)

    assert release_metadata(metadata) == {
        "metadata_version": "2.4",
        "name": "tiny",
        "version": "1",
        "classifiers": ["A", "B"],
        "platforms": ["any"],
        "requires_dist": ["click"],
        "project_urls": ["Home, https://example.org"],
        "provides_extra": ["dev"],
        "keywords": "a,b",
        "license_files": ["LICENSE"],
        "description": "Hello.\n",
    }


@given(st.lists(st.tuples(st.sampled_from([*GOOD, "comment", "x"]), st.text(max_size=30)), max_size=20))
def test_no_form_raises(fields: Fields) -> None:
    """Every form is understood or refused in words."""
    found = submission(fields)

    assert isinstance(found, Submission) or found.message
