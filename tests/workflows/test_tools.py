"""Every tool that uploads: where to, with what, and whether it can exchange an ID token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workflows.samples import job_of
from trustpub.workflows.contexts import raw_environment
from trustpub.workflows.files import FilesInMemory
from trustpub.workflows.publishing import Destination, Upload, unresolved, uploads
from trustpub.workflows.scene import Scene
from trustpub.workflows.tools.versions import Since

if TYPE_CHECKING:
    from trustpub.workflows.upload import Unread

DEFAULT = Destination("default")
TEST = Destination("name", "testpypi")
FINALIZE = "jupyter-server/jupyter_releaser/.github/actions/finalize-release@v2"
RELEASE = "python-semantic-release/python-semantic-release"


def found(body: str, env: str = "{}", **files: str) -> tuple[Upload, ...]:
    """The uploads of one step; `files` are those of the checkout, with `_` for `.` in their names."""
    step = job_of(f"    env: {env}\n    steps:\n      -\n" + "".join(f"        {line}\n" for line in body.splitlines()))
    held = {name.replace("_", "."): text.encode() for name, text in files.items()}
    return uploads(step.steps[0], raw_environment((step.env,)), Scene(FilesInMemory(held)))


def only(body: str, env: str = "{}", **files: str) -> Upload:
    """The one upload of a step."""
    (upload,) = found(body, env, **files)
    return upload


def script(text: str) -> str:
    """A step that runs a script."""
    return "run: |\n" + "".join(f"  {line}\n" for line in text.splitlines())


def missed(body: str) -> tuple[Unread, ...]:
    """What may publish in a step but is not read."""
    step = job_of("    steps:\n      -\n" + "".join(f"        {line}\n" for line in body.splitlines())).steps[0]
    return unresolved(step, {})


@pytest.mark.parametrize(
    ("command", "tool", "where"),
    [
        ("pdm publish", "pdm", DEFAULT),
        ("pdm publish -r testpypi", "pdm", Destination("name", "testpypi")),
        ("pdm publish --repository https://x/legacy/", "pdm", Destination("url", "https://x/legacy/")),
        ("PDM_PUBLISH_REPO=https://x/ pdm publish --no-build", "pdm", Destination("url", "https://x/")),
        ("pdm config repository.x.url https://y/\npdm publish -r x", "pdm", Destination("url", "https://y/")),
        ("hatch publish", "hatch", DEFAULT),
        ("hatch -v publish -r test", "hatch", Destination("name", "testpypi")),
        ("hatch publish --repo main", "hatch", DEFAULT),
        ("HATCH_INDEX_REPO=https://x/ hatch publish", "hatch", Destination("url", "https://x/")),
        ("uv run hatch publish -n", "hatch", DEFAULT),
        ("poetry publish --build", "poetry", DEFAULT),
        ("poetry publish -r testpypi", "poetry", Destination("name", "testpypi")),
        ("poetry config repositories.t https://t/\npoetry publish -r t", "poetry", Destination("url", "https://t/")),
        ("POETRY_REPOSITORIES_MY_T_URL=https://t/ poetry publish -r my-t", "poetry", Destination("url", "https://t/")),
        ("flit publish", "flit", DEFAULT),
        ("python -m flit publish --repository testpypi", "flit", Destination("name", "testpypi")),
        ("FLIT_INDEX_URL=https://x/ flit publish", "flit", Destination("url", "https://x/")),
        ("maturin publish --skip-existing", "maturin", DEFAULT),
        ("maturin upload -r testpypi dist/*", "maturin", Destination("name", "testpypi")),
        ("MATURIN_REPOSITORY_URL=https://x/ maturin upload dist/*", "maturin", Destination("url", "https://x/")),
        ("rye publish --token x --yes", "rye", DEFAULT),
        ("rye publish -r testpypi --repository-url https://t/", "rye", Destination("url", "https://t/")),
        ("python setup.py sdist upload -r https://x/", "setuptools", Destination("url", "https://x/")),
        ("python3 setup.py sdist bdist_wheel upload", "setuptools", DEFAULT),
        ("jupyter-releaser publish-assets dist", "jupyter-releaser", DEFAULT),
        ("pip install python-semantic-release==7.34.6\nsemantic-release publish", "semantic-release", DEFAULT),
        ("docker run --rm -e MATURIN_PYPI_TOKEN ghcr.io/pyo3/maturin publish", "maturin", DEFAULT),
        ("uv run --with twine==6.1 twine upload -r x dist/*", "twine", Destination("name", "x")),
        ("./uv run twine upload dist/*", "twine", DEFAULT),
        ("ls dist/* | xargs twine upload", "twine", DEFAULT),
        ("${BIN}twine upload dist/*", "twine", DEFAULT),
        ("timeout 5m twine upload dist/*", "twine", DEFAULT),
        ("bash -c 'twine upload dist/*'", "twine", DEFAULT),
        ("out=$(twine upload dist/*)", "twine", DEFAULT),
        ("out=`uv publish`", "uv", DEFAULT),
        ("publish() {\n  uv publish --index x\n}\npublish", "uv", Destination("name", "x")),
        ("$PYTHON -m twine upload dist/*", "twine", DEFAULT),
    ],
)  # fmt: skip
def test_commands(command: str, tool: str, where: Destination) -> None:
    """Each tool's own options, variables and configuration."""
    upload = only(script(command))
    assert (tool, where) == (upload.tool, upload.destination)


@pytest.mark.parametrize(
    "command",
    [
        "poetry publish --dry-run",
        "hatch publish -p other",
        "hatch build",
        "pdm build",
        "flit build",
        "maturin build --release",
        "rye build",
        "python setup.py sdist",
        "semantic-release version",
        "semantic-release publish",
        "pip install python-semantic-release==9.8.0\nsemantic-release publish",
        "jupyter-releaser publish-assets --dry-run dist",
        "echo 'pdm publish'",
        'printf "uv publish"',
        "cargo publish && npm publish",
        "docker run image ls publish",
        "bash -c 'echo twine upload'",
    ],
)
def test_commands_that_do_not_upload(command: str) -> None:
    """Dry runs, builds, other registries, and talk."""
    assert () == found(script(command))


@pytest.mark.parametrize(
    ("command", "secrets", "user"),
    [
        ("PDM_PUBLISH_USERNAME=__token__ PDM_PUBLISH_PASSWORD=p pdm publish", ("p",), ""),
        ("hatch publish -u me -a p", ("p",), "me"),
        ("HATCH_INDEX_USER=__token__ HATCH_INDEX_AUTH=p hatch publish", ("p",), ""),
        ("POETRY_PYPI_TOKEN_PYPI=p poetry publish", ("p",), ""),
        ("poetry config pypi-token.pypi p\npoetry publish", ("p",), ""),
        ("poetry config pypi-token.other p\npoetry publish", (), ""),
        ("poetry config http-basic.t me p\npoetry publish -r t", ("p",), "me"),
        ("POETRY_HTTP_BASIC_T_USERNAME=me POETRY_HTTP_BASIC_T_PASSWORD=p poetry publish -r t", ("p",), "me"),
        ("poetry publish -u __token__ -p p", ("p",), ""),
        ("FLIT_USERNAME=__token__ FLIT_PASSWORD=p flit publish", ("p",), ""),
        ("MATURIN_PYPI_TOKEN=p maturin upload dist/*", ("p",), ""),
        ("maturin publish -u me -p p", ("p",), "me"),
        ("twine upload -pp -ume dist/*", ("p",), "me"),
        ('$env:TWINE_PASSWORD = "p"\ntwine upload dist/*', ("p",), ""),
        ("cat > ~/.pypirc <<E\n[pypi]\nusername = __token__\npassword = p\nE\ntwine upload dist/*", ("p",), ""),
        ("docker run -e MATURIN_PASSWORD=p konstin2/maturin publish", ("p",), ""),
        ("PYPI_TOKEN=p jupyter-releaser publish-assets dist", ("p",), ""),
    ],
)  # fmt: skip
def test_what_commands_bring(command: str, secrets: tuple[str, ...], user: str) -> None:
    """Passwords and tokens, and the user unless it stands for a token."""
    upload = only(script(command))
    assert (secrets, user) == (upload.secrets, upload.user)


@pytest.mark.parametrize(
    ("command", "oidc"),
    [
        ("poetry publish", False),
        ("hatch publish", False),
        ("flit publish", False),
        ("rye publish", False),
        ("python setup.py upload", False),
        ("uv publish", True),
        ("pdm publish", True),
        ("maturin publish", True),
        ("uvx twine upload dist/*", True),
        ("uvx twine@6.0.1 upload dist/*", False),
        ("pip install twine\ntwine upload dist/*", True),
        ("pip install 'twine<6'\ntwine upload dist/*", False),
        ("pip install twine==5.1.0 build\ntwine upload dist/*", False),
        ("twine upload dist/*", None),
        ("docker run -e MATURIN_PYPI_TOKEN=x konstin2/maturin publish", False),
    ],
)
def test_which_tools_exchange_id_tokens(command: str, oidc: bool | None) -> None:
    """Where it is not known or not so, a sentence says why."""
    upload = only(script(command))
    assert oidc is upload.oidc
    assert (oidc is True) == (upload.oidc_why == "")


@pytest.mark.parametrize(
    ("requirement", "new"),
    [
        ("twine", True),
        ("twine>=5", True),
        ("twine==6.1.0", True),
        ("twine==6.1", True),
        ("twine==6.*", True),
        ("twine~=6.0", True),
        ("twine<7", True),
        ("twine@7.0.0", True),
        ("twine==6.0.1", False),
        ("twine~=5.1", False),
        ("twine~=6.0.1", False),
        ("twine<6.1", False),
        ("twine<=6.0", False),
        ("twine>=4,<6", False),
        ("twine@5.1.1", False),
    ],
)
def test_versions(requirement: str, new: bool) -> None:
    """The newest version that the words allow is the one that counts."""
    assert new is Since("6.1.0").of(requirement)[0]


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        ("JRubics/poetry-publish@v2.1", "pypi_token: p", ("poetry", DEFAULT, ("p",), False)),
        (
            "JRubics/poetry-publish@v2.1",
            "pypi_token: p, repository_name: testpypi, repository_url: 'https://t/'",
            ("poetry", Destination("url", "https://t/"), ("p",), False),
        ),
        ("code-specialist/pypi-poetry-publish@v1", "PUBLISH_REGISTRY_PASSWORD: p", ("poetry", DEFAULT, ("p",), False)),
        (
            "celsiusnarhwal/poetry-publish@v2",
            "token: p, repo: testpypi",
            ("poetry", Destination("name", "testpypi"), ("p",), False),
        ),
        ("casperdcl/deploy-pypi@v3", "gpg_key: k", ("twine", DEFAULT, (), True)),
        ("casperdcl/deploy-pypi@v2", "password: p", ("twine", DEFAULT, ("p",), False)),
        ("ansys/actions/release-pypi-public@v9", "use-trusted-publisher: true", ("twine", DEFAULT, (), True)),
        ("adafruit/workflows-circuitpython-libs/release-pypi@main", "pypi-password: p", ("twine", DEFAULT, ("p",), False)),
        ("etils-actions/pypi-auto-publish@v1", "pypi-token: p", ("twine", DEFAULT, ("p",), False)),
        ("PyO3/maturin-action@v1", "command: upload, args: '--skip-existing dist/*'", ("maturin", DEFAULT, (), True)),
        ("messense/maturin-action@v1", "command: publish", ("maturin", DEFAULT, (), True)),
        ("PyO3/maturin-action@v1", "command: upload, maturin-version: v0.14.0", ("maturin", DEFAULT, (), False)),
        (
            f"{RELEASE}@v7.34.6",
            "pypi_token: p",
            ("semantic-release", DEFAULT, ("p",), False),
        ),
        ("relekang/python-semantic-release@v7.33.2", "repository_username: u", ("semantic-release", DEFAULT, (), False)),
        (
            "jupyter-server/jupyter_releaser/.github/actions/finalize-release@v2",
            "token: t",
            ("jupyter-releaser", DEFAULT, (), True),
        ),
        (
            "jupyter-server/jupyter-releaser/.github/actions/finalize-release@v2",
            "token: t",
            ("jupyter-releaser", DEFAULT, (), True),
        ),
        ("pypa/gh-action-pypi-publish@v1.5.0", "password: p", ("action", DEFAULT, ("p",), False)),
        ("pypa/gh-action-pypi-publish@master", "password: p", ("action", DEFAULT, ("p",), None)),
        ("nick-fields/retry@v3", "command: uv publish -t p", ("uv", DEFAULT, ("p",), True)),
        ("docker://ghcr.io/pypa/gh-action-pypi-publish@sha256:00", "password: p", ("action", DEFAULT, ("p",), True)),
    ],
)
def test_actions(uses: str, inputs: str, expected: tuple[str, Destination, tuple[str, ...], bool | None]) -> None:
    """Inputs have no case; the ref tells the version."""
    upload = only(f"uses: {uses}\nwith: {{{inputs}}}")
    assert expected == (upload.tool, upload.destination, upload.secrets, upload.oidc)


@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("PyO3/maturin-action@v1", "command: build"),
        ("PyO3/maturin-action@v1", "args: --release"),
        (f"{RELEASE}@v9", "github_token: t"),
        ("python-semantic-release/publish-action@v10", "github_token: t"),
        ("casperdcl/deploy-pypi@v3", "upload: false"),
        ("ansys/actions/release-pypi-test@v9", "dry-run: true"),
        (FINALIZE, "dry_run: true"),
        ("jupyter-server/jupyter_releaser/.github/actions/prep-release@v2", "token: t"),
        ("nick-fields/retry@v3", "command: make"),
    ],
)
def test_actions_that_do_not_upload(uses: str, inputs: str) -> None:
    """Their other commands, versions that leave it to others, and switches that are off."""
    assert () == found(f"uses: {uses}\nwith: {{{inputs}}}")


def test_the_settings_of_the_publish_action() -> None:
    """The ref, and the texts of the inputs."""
    upload = only("uses: pypa/gh-action-pypi-publish@v1.12.4\nwith: {attestations: false, skip_existing: '${{ inputs.x }}'}")
    assert ("v1.12.4", "false", "${{ inputs.x }}") == (upload.version, upload.attestations, upload.skip_existing)


@pytest.mark.parametrize(
    ("command", "attestations", "skip_existing"),
    [
        ("twine upload --attestations --skip-existing dist/*", "true", "true"),
        ("twine upload dist/*", "", ""),
        ("uv publish --no-attestations --check-url https://x/", "false", "check-url"),
        ("UV_PUBLISH_NO_ATTESTATIONS=1 uv publish", "false", ""),
        ("pdm publish --skip-existing", "", "true"),
    ],
)
def test_settings_of_commands(command: str, attestations: str, skip_existing: str) -> None:
    """Attestations, and files that are there already."""
    upload = only(script(command))
    assert (attestations, skip_existing) == (upload.attestations, upload.skip_existing)


def test_uv_asks_the_projects_settings() -> None:
    """`publish-url` and `trusted-publishing` of `[tool.uv]`; what the command says goes before."""
    settings = '[tool.uv]\npublish-url = "https://own/"\ntrusted-publishing = "always"\n'
    upload = only("run: uv publish", pyproject_toml=settings)
    assert (Destination("url", "https://own/"), "always") == (upload.destination, upload.mode)
    assert Destination("name", "x") == only("run: uv publish --index x", pyproject_toml=settings).destination


def test_poetry_asks_its_own_file() -> None:
    """Repositories stand in `poetry.toml`."""
    upload = only("run: poetry publish -r own", poetry_toml='[repositories.own]\nurl = "https://own/"\n')
    assert Destination("url", "https://own/") == upload.destination


def test_old_semantic_release_by_its_settings() -> None:
    """Without a version, settings that only version 7 knows tell it."""
    old = '[tool.semantic_release]\nversion_variable = "x.py:__version__"\n'
    assert "semantic-release" == only("run: semantic-release publish", pyproject_toml=old).tool
    off = "[tool.semantic_release]\nupload_to_pypi = false\n"
    assert () == found("run: semantic-release publish", pyproject_toml=off)


def test_an_unset_variable_is_no_secret() -> None:
    """A command that is guarded by it does not run; another one has no token."""
    text = 'if [ -n "${TOKEN}" ]; then\n  uv publish --token=$TOKEN\nelse\n  uv publish\nfi'
    assert [()] == [upload.secrets for upload in found(script(text))]
    assert ["${{ secrets.T }}", None] == [
        upload.secrets[0] if upload.secrets else None for upload in found(script(text), env="{TOKEN: '${{ secrets.T }}'}")
    ]


def test_a_secret_that_was_exchanged_before() -> None:
    """The job's own exchange is trusted publishing by hand."""
    text = "T=$(curl -X POST https://index.example/_/oidc/mint-token)\nTWINE_PASSWORD=$T twine upload dist/*"
    assert "the step `T=$(curl -X POST https://index.example/_/oidc/mint-token)`" == only(script(text)).exchanged_by
    assert "" == only(script("TWINE_PASSWORD=x twine upload dist/*")).exchanged_by


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("run: make publish", "make publish"),
        ("run: tox -e release", "tox -e release"),
        ("run: ./scripts/upload.sh", "./scripts/upload.sh"),
        ("run: python tools/deploy.py --all", "python tools/deploy.py --all"),
        ("run: python -m tooling publish", "tooling publish"),
        ("uses: someone/publish-to-pypi@v1", "someone/publish-to-pypi@v1"),
        (
            "uses: relekang/python-semantic-release@master\nwith: {pypi_token: p}",
            "relekang/python-semantic-release@master",
        ),
    ],
)
def test_what_may_publish_but_is_not_read(body: str, text: str) -> None:
    """By its name; nothing is claimed of it."""
    assert [text] == [one.text for one in missed(body)]


@pytest.mark.parametrize(
    "body",
    [
        "run: make test",
        "run: ./build.sh",
        "uses: actions/upload-artifact@v4",
        "uses: docker/build-push-action@v6",
        "run: npm publish",
    ],
)
def test_what_has_another_name_is_not_told(body: str) -> None:
    """Most wrappers publish nothing."""
    assert () == missed(body)
