"""Which steps upload, where to, and with what."""

from __future__ import annotations

import pytest

from tests.workflows.samples import job_of
from trustpub.workflows.contexts import raw_environment
from trustpub.workflows.publishing import Destination, Upload, uploads

ACTION = "pypa/gh-action-pypi-publish@" + "0" * 40


def found(step: str, env: str = "") -> tuple[Upload, ...]:
    """The uploads of a job with one step; `env` is the job's."""
    body = "".join(f"        {line}\n" for line in step.splitlines())
    job = job_of(f"    env: {env or '{}'}\n    steps:\n      -\n{body}")
    return uploads(job.steps[0], raw_environment((job.env,)))


def only(step: str, env: str = "") -> Upload:
    """The one upload of a step."""
    (upload,) = found(step, env)
    return upload


@pytest.mark.parametrize(
    "uses", [ACTION, "PyPA/gh-action-pypi-publish@release/v1", "docker://ghcr.io/pypa/gh-action-pypi-publish:v1.13.0"]
)
def test_the_publish_action(uses: str) -> None:
    """However it is pinned; without inputs it goes to PyPI with an ID token."""
    expected = Upload("action", 0, Destination("default"), (), "", "automatic", ("dist",))
    assert expected == only(f"uses: {uses}")._replace(version="")


@pytest.mark.parametrize("name", ["repository-url", "repository_url", "Repository-URL"])
def test_the_publish_actions_address(name: str) -> None:
    """Both spellings of the input; inputs have no case."""
    assert Destination("url", "https://x/legacy/") == only(f"uses: {ACTION}\nwith: {{{name}: 'https://x/legacy/'}}").destination


@pytest.mark.parametrize(
    ("inputs", "secrets", "user"),
    [
        ("password: '${{ secrets.T }}'", ("${{ secrets.T }}",), ""),
        ("user: __token__, password: '${{ secrets.T }}'", ("${{ secrets.T }}",), ""),
        ("user: me, password: p", ("p",), "me"),
        ("user: __token__", (), ""),
        ("password: ''", (), ""),
        ("password: null", (), ""),
    ],
)
def test_the_publish_actions_password(inputs: str, secrets: tuple[str, ...], user: str) -> None:
    """An empty password is none."""
    upload = only(f"uses: {ACTION}\nwith: {{{inputs}}}")
    assert (secrets, user) == (upload.secrets, upload.user)


@pytest.mark.parametrize(
    "uses", ["actions/checkout@v4", "pypa/gh-action-pypi-publish-x@v1", "someone/pypa-publish@v1", "./publish"]
)
def test_other_actions_do_not_upload(uses: str) -> None:
    """Names that only resemble it do not count."""
    assert () == found(f"uses: {uses}")


@pytest.mark.parametrize(
    ("script", "destination"),
    [
        ("twine upload dist/*", Destination("default")),
        ("python -m twine upload dist/*", Destination("default")),
        ("python3.12 -m twine upload --skip-existing dist/*", Destination("default")),
        ("twine upload -r testpypi dist/*", Destination("name", "testpypi")),
        ("twine upload --repository=testpypi dist/*", Destination("name", "testpypi")),
        ("twine upload --repository-url https://x/ dist/*", Destination("url", "https://x/")),
        ("TWINE_REPOSITORY=testpypi twine upload dist/*", Destination("name", "testpypi")),
        ("export TWINE_REPOSITORY=testpypi\ntwine upload dist/*", Destination("name", "testpypi")),
        ("uvx twine upload dist/*", Destination("default")),
        ("uvx twine@6.1 upload dist/*", Destination("default")),
        ("uv tool run twine upload -r x dist/*", Destination("name", "x")),
        ("uv run --with twine python -m twine upload dist/*", Destination("default")),
        ("pipx run twine==6.1.0 upload dist/*", Destination("default")),
        (".venv/bin/twine upload dist/*", Destination("default")),
        ("cd dist && twine upload *", Destination("default")),
        ("uv publish", Destination("default")),
        ("uv --quiet publish --index testpypi", Destination("name", "testpypi")),
        ("uv publish --publish-url=https://x/legacy/", Destination("url", "https://x/legacy/")),
        ("UV_PUBLISH_URL=https://y/ uv publish", Destination("url", "https://y/")),
        ("URL=https://y/\nuv publish --publish-url $URL", Destination("url", "https://y/")),
        ("uv publish --publish-url '${{ vars.URL }}'", Destination("url", "${{ vars.URL }}")),
        ("uvx uv publish", Destination("default")),
    ],
)
def test_commands_that_upload(script: str, destination: Destination) -> None:
    """With the option, the variable, or by default."""
    assert destination == only("run: |\n" + "".join(f"  {line}\n" for line in script.splitlines())).destination


@pytest.mark.parametrize(
    "script",
    [
        "echo twine upload",
        "twine check dist/*",
        "pip install twine",
        "uv build",
        "uv publish --dry-run",
        "# uv publish",
        "npm publish",
        "cargo publish",
        "cat <<E\n  twine upload\n  E",
        "gh release upload v1 dist/*",
        "uv pip install publish",
    ],
)
def test_commands_that_do_not_upload(script: str) -> None:
    """Talking of an upload is none."""
    assert () == found(f"run: |\n  {script}")


@pytest.mark.parametrize(
    ("script", "env", "secrets", "user", "mode"),
    [
        ("uv publish", "{UV_PUBLISH_TOKEN: '${{ secrets.T }}'}", ("${{ secrets.T }}",), "", "automatic"),
        ("uv publish -t x", "", ("x",), "", "automatic"),
        ("uv publish --token=x --trusted-publishing never", "", ("x",), "", "never"),
        ("uv publish --trusted-publishing always", "", (), "", "always"),
        ("uv publish -u me -p pw", "", ("pw",), "me", "automatic"),
        ("uv publish -u __token__", "", (), "", "automatic"),
        ("twine upload -u __token__ -p $T dist/*", "{T: '${{ secrets.T }}'}", ("${{ secrets.T }}",), "", "automatic"),
        ("twine upload dist/*", "{TWINE_USERNAME: me, TWINE_PASSWORD: pw}", ("pw",), "me", "automatic"),
        ("TWINE_PASSWORD= twine upload dist/*", "{TWINE_PASSWORD: pw}", (), "", "automatic"),
    ],
)
def test_what_a_command_brings(script: str, env: str, secrets: tuple[str, ...], user: str, mode: str) -> None:
    """From its options, from the step's variables, from the job's."""
    upload = only(f"run: {script}", env)
    assert (secrets, user, mode) == (upload.secrets, upload.user, upload.mode)


def test_two_uploads_in_one_script() -> None:
    """Each has its own place."""
    first, second = found("run: |\n  twine upload -r testpypi dist/*\n  twine upload dist/*")
    assert [("testpypi", 0), ("", 32)] == [(first.destination.value, first.offset), (second.destination.value, second.offset)]


def test_a_python_script_is_not_a_shell_script() -> None:
    """`shell: python` holds Python."""
    assert () == found("shell: python\nrun: |\n  twine upload")
