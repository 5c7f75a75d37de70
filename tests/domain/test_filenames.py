"""File names: PEP 427 and PEP 625 to the letter, PyPI's platforms, and PyPI's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from trustpub.domain.core_metadata import Rules
from trustpub.domain.filenames import SDIST, WHEEL, belongs_problem, filename_problem, sdist_name, wheel_name


def said(filename: str, filetype: str = WHEEL, rules: Rules = Rules()) -> str:  # noqa: B008 - an immutable value
    """What is wrong with this name for tiny-demo 1.0; empty when nothing is."""
    problem = filename_problem(filename, filetype) or belongs_problem(filename, filetype, "Tiny.Demo", Version("1.0"), rules)
    return problem.message if problem else ""


@pytest.mark.parametrize(
    ("filename", "filetype"),
    [
        ("tiny_demo-1.0-py3-none-any.whl", WHEEL),
        ("tiny_demo-1.0-1-py3-none-any.whl", WHEEL),
        ("tiny_demo-1.0.0-py2.py3-none-any.whl", WHEEL),
        ("tiny_demo-1.0-cp311-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", WHEEL),
        ("tiny_demo-1.0.tar.gz", SDIST),
    ],
)
def test_right_names(filename: str, filetype: str) -> None:
    """What build tools write today."""
    assert said(filename, filetype) == ""


WRONG: dict[str, tuple[str, str, str]] = {
    "slash": ("a/tiny_demo-1.0-py3-none-any.whl", WHEEL, "Cannot upload a file with '/' or '\\' in its name."),
    "backslash": ("a\\tiny_demo-1.0.tar.gz", SDIST, "Cannot upload a file with '/' or '\\' in its name."),
    "line end": ("tiny_demo-1.0-py3-none-any.whl\n", WHEEL, "Cannot upload a file with control characters in its name."),
    "DEL": ("tiny_demo-1.0\x7f.tar.gz", SDIST, "Cannot upload a file with control characters in its name."),
    "wheel as sdist": ("tiny_demo-1.0-py3-none-any.whl", SDIST, "Invalid file extension: Use .tar.gz"),
    "zip": ("tiny_demo-1.0.zip", SDIST, "Invalid file extension: Use .tar.gz"),
    "sdist as wheel": ("tiny_demo-1.0.tar.gz", WHEEL, "Invalid file extension: Use .whl"),
    "long": ("tiny_demo-1.0-py3-none-" + "a" * 255 + ".whl", WHEEL, "Filename is too long"),
    "few parts": ("tiny_demo-1.0-any.whl", WHEEL, "Invalid wheel filename (wrong number of parts)"),
    "many parts": ("tiny_demo-1.0-1-2-py3-none-any.whl", WHEEL, "Invalid wheel filename (wrong number of parts)"),
    "double underscore": ("tiny__demo-1.0-py3-none-any.whl", WHEEL, "Invalid project name"),
    "letters beyond ASCII": ("tiny_démo-1.0-py3-none-any.whl", WHEEL, "Invalid project name"),
    "no version": ("tiny_demo-one-py3-none-any.whl", WHEEL, "Invalid wheel filename (invalid version)"),
    "build number": ("tiny_demo-1.0-x1-py3-none-any.whl", WHEEL, "Invalid build number: x1"),
    "tags": ("tiny_demo-1.0-py3-no ne-any.whl", WHEEL, "Invalid wheel filename (invalid tags)"),
    "other project": ("other-1.0-py3-none-any.whl", WHEEL, "Start filename for 'Tiny.Demo' with 'tiny_demo'."),
    "capitals": (
        "Tiny_Demo-1.0-py3-none-any.whl",
        WHEEL,
        "Filename 'Tiny_Demo-1.0-py3-none-any.whl' should contain the normalized project name 'tiny_demo', not 'Tiny_Demo'.",
    ),
    "dot": ("tiny.demo-1.0-py3-none-any.whl", WHEEL, "Filename 'tiny.demo-1.0-py3-none-any.whl' should contain the normalized"),
    "other version": ("tiny_demo-1.1-py3-none-any.whl", WHEEL, "Version in filename should be '1.0' not '1.1'."),
    "plain linux": (
        "tiny_demo-1.0-cp311-cp311-linux_x86_64.whl",
        WHEEL,
        "Binary wheel 'tiny_demo-1.0-cp311-cp311-linux_x86_64.whl' has an unsupported platform tag 'linux_x86_64'.",
    ),
    "one bad platform of two": ("tiny_demo-1.0-py3-none-any.linux_x86_64.whl", WHEEL, "Binary wheel 'tiny_demo-1.0-py3-none"),
    "sdist without a version": ("tinydemo.tar.gz", SDIST, "Invalid source distribution filename: tinydemo.tar.gz"),
    "sdist of another project": ("other-1.0.tar.gz", SDIST, "Start filename for 'Tiny.Demo' with 'tiny_demo'."),
    "sdist with a dash": ("tiny-demo-1.0.tar.gz", SDIST, "Filename 'tiny-demo-1.0.tar.gz' is invalid, should be"),
    "sdist with capitals": (
        "Tiny_Demo-1.0.tar.gz",
        SDIST,
        "Filename 'Tiny_Demo-1.0.tar.gz' is invalid, should be 'tiny_demo-1.0",
    ),
    "sdist of another spelling of the version": (
        "tiny_demo-1.0.0.tar.gz",
        SDIST,
        "Filename 'tiny_demo-1.0.0.tar.gz' is invalid, should be 'tiny_demo-1.0.tar.gz'.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_names(name: str) -> None:
    """Each row is refused in words that start as PyPI's."""
    filename, filetype, start = WRONG[name]

    assert said(filename, filetype).startswith(start)


@pytest.mark.parametrize(
    "tag",
    [
        "any", "win32", "win_amd64", "win_arm64", "win_ia64", "manylinux1_x86_64", "manylinux2010_i686", "manylinux2014_aarch64",
        "manylinux2014_ppc64", "manylinux_2_28_riscv64", "manylinux_2_17_ppc64", "musllinux_1_2_s390x", "linux_armv6l",
        "linux_armv7l", "macosx_10_9_universal2", "macosx_11_0_arm64", "macosx_15_0_x86_64", "macosx_26_0_arm64",
        "ios_13_0_arm64_iphoneos", "android_21_arm64_v8a", "pyemscripten_2025_0_wasm32",
    ],
)  # fmt: skip
def test_platforms_of_pypi(tag: str) -> None:
    """PyPI's list."""
    assert said(f"tiny_demo-1.0-cp311-cp311-{tag}.whl") == ""


@pytest.mark.parametrize(
    "tag",
    [
        "linux_x86_64", "linux_aarch64", "manylinux1_aarch64", "manylinux2014_riscv64", "manylinux_2_x86_64",
        "musllinux_1_2_ppc64", "macosx_12_1_arm64", "macosx_16_0_arm64", "macosx_10_9_riscv64",
        "win64", "freebsd_14_x86_64", "anyx", "xany", "",
    ],
)  # fmt: skip
def test_platforms_that_pypi_refuses(tag: str) -> None:
    """The neighbours of the list."""
    assert said(f"tiny_demo-1.0-cp311-cp311-{tag}.whl") != ""


def test_a_private_index_may_take_plain_linux_wheels() -> None:
    """All machines of one company may be alike."""
    rules = Rules(linux_wheels=True)

    assert said("tiny_demo-1.0-cp311-cp311-linux_x86_64.whl", rules=rules) == ""
    assert said("tiny_demo-1.0-cp311-cp311-freebsd_14_x86_64.whl", rules=rules) != ""


@pytest.mark.parametrize(
    ("project", "version", "expected"),
    [
        ("Tiny.Demo", "1.0", "tiny_demo-1.0.tar.gz"),
        ("a-_-b", "1.0-1", "a_b-1.0.post1.tar.gz"),
        ("x", "1.0rc1", "x-1.0rc1.tar.gz"),
    ],
)
def test_the_one_name_of_an_sdist(project: str, version: str, expected: str) -> None:
    """PEP 625."""
    assert sdist_name(project, Version(version)) == expected


PART = st.text(st.sampled_from("aB1._+!-é "), max_size=6)


@given(st.lists(PART, min_size=4, max_size=7))
def test_what_we_take_apart_packaging_takes_apart_too(parts: list[str]) -> None:
    """No wheel name is accepted here that installers cannot read, and both see the same version."""
    filename = "-".join(parts) + ".whl"
    ours = wheel_name(filename)
    if isinstance(ours, str):
        return
    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename as problem:
        raise AssertionError(filename) from problem

    assert version == ours.version
    assert name
    assert tags
