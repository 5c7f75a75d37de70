"""A checkout on this disk: root, remote, commit, files; read without running git."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from trustpub.errors import BadInput, BrokenFile
from trustpub.parties.git import MAX_FILE, Checkout, Origin, origin_url, parse_remote

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def write(root: Path, **files: str) -> Path:
    """Write files by their path, with `__` for a slash and `_DOT_` for a dot."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def repository(root: Path, url: str = "https://github.com/octo/tool.git") -> Path:
    """Write the files of a git folder, as git does."""
    git = root / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs/heads/main").write_text(f"{COMMIT}\n")
    (git / "config").write_text(f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n\tfetch = x\n')
    return root


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://github.com/Octo/tool.git", Origin("github.com", "Octo", "tool")),
        ("https://github.com/octo/tool", Origin("github.com", "octo", "tool")),
        ("https://github.com/octo/tool/", Origin("github.com", "octo", "tool")),
        ("https://me:secret@github.com/octo/tool.git", Origin("github.com", "octo", "tool")),
        ("https://me:p@ss@github.com/octo/tool.git", Origin("github.com", "octo", "tool")),
        ("git@github.com:octo/tool.git", Origin("github.com", "octo", "tool")),
        ("github.com:octo/tool", Origin("github.com", "octo", "tool")),
        ("ssh://git@GitHub.com:22/octo/tool.git", Origin("github.com", "octo", "tool")),
        ("ssh://git@ssh.github.com:443/octo/tool.git", Origin("github.com", "octo", "tool")),
        ("https://www.github.com/octo/tool", Origin("github.com", "octo", "tool")),
        ("git://git.example/octo/tool", Origin("git.example", "octo", "tool")),
        ("https://git.example/group/sub/tool.git", Origin("git.example", "group/sub", "tool")),
        ("octo.github:octo/my.tool.git", Origin("octo.github", "octo", "my.tool")),
        ("/srv/git/tool.git", None),
        ("../octo/tool", None),
        ("file:///srv/octo/tool", None),
        ("https://github.com/octo", None),
        ("https://github.com/", None),
        ("C:\\octo\\tool", None),
        ("", None),
    ],
)
def test_remotes(url: str, origin: Origin | None) -> None:
    """Every form that git writes; credentials are dropped."""
    assert origin == parse_remote(url)


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ('[remote "origin"]\nurl = a\n', "a"),
        ('[remote "other"]\nurl = b\n[remote "origin"]\n  URL=a # why\n', "a"),
        ('[Remote "origin"] url = "a;b"\n', "a;b"),
        ('[remote "origin"]\nfetch = x\n[branch "m"]\nurl = b\n', None),
        ('[remote "origin"]\nurl = a\nurl = b\n', "a"),
        ("", None),
    ],
)
def test_the_origins_address_in_a_configuration(config: str, url: str | None) -> None:
    """Sections, quotes and comments as git writes them."""
    assert url == origin_url(config)


def test_a_repository(tmp_path: Path) -> None:
    """Everything at once, from a folder inside of it."""
    write(repository(tmp_path), _DOT_github__workflows__a_DOT_yml="on: push\n", trustpub_DOT_toml="", sub__x="")
    found = Checkout.open(tmp_path / "sub")
    assert (str(tmp_path), "sub", Origin("github.com", "octo", "tool"), COMMIT) == (
        found.root,
        found.asked_folder,
        found.origin,
        found.head,
    )
    assert {".github/workflows/a.yml": b"on: push\n"} == found.files
    assert ("trustpub.toml", b"") == found.declaration


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
def test_git_itself_agrees(tmp_path: Path) -> None:
    """What the real program writes is what is read: plain, packed, detached, and a work tree of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        **{f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }

    def git(*words: str, where: Path = tmp_path / "r") -> str:
        done = subprocess.run(["git", *words], cwd=where, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    (tmp_path / "r").mkdir()
    git("init", "--quiet", "--initial-branch=trunk")
    assert None is Checkout.open(tmp_path / "r").head
    git("commit", "--allow-empty", "--quiet", "-m", "one")
    git("remote", "add", "origin", "git@github.com:octo/tool.git")
    commit = git("rev-parse", "HEAD")
    found = Checkout.open(tmp_path / "r")
    assert (commit, Origin("github.com", "octo", "tool"), None) == (found.head, found.origin, found.default_branch)
    git("pack-refs", "--all")
    assert commit == Checkout.open(tmp_path / "r").head
    git("worktree", "add", "--quiet", "../w", "-b", "side")
    aside = Checkout.open(tmp_path / "w")
    assert (commit, "tool") == (aside.head, aside.origin.repository if aside.origin else None)
    git("checkout", "--quiet", "--detach")
    assert commit == Checkout.open(tmp_path / "r").head
    git("update-ref", "refs/remotes/origin/trunk", commit)
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert "trunk" == Checkout.open(tmp_path / "r").default_branch


def test_a_project_inside_a_bigger_repository_is_its_own(tmp_path: Path) -> None:
    """It has workflows of its own, so the outer remote is not its remote; the commit is the outer one."""
    write(repository(tmp_path), examples__one___DOT_github__workflows__a_DOT_yml="on: push\n")
    found = Checkout.open(tmp_path / "examples/one")
    assert (str(tmp_path / "examples/one"), None, COMMIT) == (found.root, found.origin, found.head)


def test_a_declaration_makes_a_root_too(tmp_path: Path) -> None:
    """The nearest folder with one of the three wins."""
    write(repository(tmp_path), sub__trustpub_DOT_toml="")
    assert str(tmp_path / "sub") == Checkout.open(tmp_path / "sub").root


def test_a_plain_folder(tmp_path: Path) -> None:
    """No git, no workflows: nothing is known, nothing fails."""
    found = Checkout.open(tmp_path)
    assert (None, None, {}, None) == (found.origin, found.head, found.files, found.declaration)


def test_a_declaration_in_pyproject(tmp_path: Path) -> None:
    """Only where the table is; `trustpub.toml` goes first."""
    write(repository(tmp_path), pyproject_DOT_toml='[tool.trustpub.vars]\nA = "1"\n')
    found = Checkout.open(tmp_path).declaration
    assert found is not None
    assert "pyproject.toml" == found[0]
    write(tmp_path, trustpub_DOT_toml="")
    assert ("trustpub.toml", b"") == Checkout.open(tmp_path).declaration


def test_only_regular_files_of_the_checkout_are_read(tmp_path: Path) -> None:
    """Pipes would hang, and a link may point at anything on this machine."""
    write(tmp_path, secret="x")
    inside = write(tmp_path / "r", _DOT_github__workflows__a_DOT_yml="on: push\n", _DOT_github__workflows__c_DOT_txt="x")
    folder = inside / ".github/workflows"
    os.mkfifo(folder / "pipe.yml")
    (folder / "out.yml").symlink_to(tmp_path / "secret")
    (folder / "in.yaml").symlink_to("a.yml")
    (folder / "loop.yml").symlink_to("loop.yml")
    (folder / "dir.yml").mkdir()
    assert [".github/workflows/a.yml", ".github/workflows/in.yaml"] == sorted(Checkout.open(inside).files)


def test_a_file_too_large_to_be_a_workflow(tmp_path: Path) -> None:
    """It is refused before it is in memory."""
    write(tmp_path, _DOT_github__workflows__a_DOT_yml="#" * (MAX_FILE + 1))
    with pytest.raises(BrokenFile, match="larger than"):
        Checkout.open(tmp_path)


@pytest.mark.parametrize(("name", "why"), [("missing", "no such folder"), ("file", "not a folder")])
def test_what_is_no_folder(tmp_path: Path, name: str, why: str) -> None:
    """One clear line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput) as caught:
        Checkout.open(tmp_path / name)
    assert why == caught.value.why


@pytest.mark.parametrize("head", ["ref: ../../secret\n", "ref: refs/heads/../../config\n", "garbage\n", ""])
def test_a_strange_head_is_no_commit(tmp_path: Path, head: str) -> None:
    """A reference never leads out of the git folder."""
    repository(tmp_path)
    (tmp_path / ".git/HEAD").write_text(head)
    assert None is Checkout.open(tmp_path).head
