"""A package whose files the index does not keep in memory: a wheel, and an sdist that builds without anybody's help."""

from __future__ import annotations

import io
import random
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tests.distributions import wheel_of

BULK = 200_000
"""Bytes that do not compress: more than the 64 KiB up to which the index sends files itself."""

BACKEND = """
import base64, hashlib, os, zipfile

def build_wheel(folder, settings=None, metadata=None):
    name, version = "{module}", "{version}"
    info, filename = f"{{name}}-{{version}}.dist-info", f"{{name}}-{{version}}-py3-none-any.whl"
    files = {{f"{{name}}.py": open(f"{{name}}.py", "rb").read(), f"{{info}}/METADATA": open("PKG-INFO", "rb").read()}}
    files[f"{{info}}/WHEEL"] = b"Wheel-Version: 1.0\\nGenerator: here\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    lines = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{{path}},sha256={{digest}},{{len(data)}}")
    files[f"{{info}}/RECORD"] = ("\\n".join([*lines, f"{{info}}/RECORD,,"]) + "\\n").encode()
    with zipfile.ZipFile(os.path.join(folder, filename), "w") as wheel:
        for path, data in files.items():
            wheel.writestr(path, data)
    return filename
"""


@dataclass(frozen=True)
class Package:
    """One release on the disk: its name, the name of its module, and its two files."""

    project: str
    module: str
    wheel: Path
    sdist: Path

    @property
    def files(self) -> list[str]:
        """What is uploaded."""
        return [str(self.wheel), str(self.sdist)]


def built(folder: Path, project: str, version: str = "1!2.0") -> Package:
    """Both files, in `dist` below this folder. The version has an epoch: its `!` is written in three ways in addresses."""
    folder.mkdir(parents=True, exist_ok=True)
    dist, module, bulk = folder / "dist", project.replace("-", "_"), random.Random(project).randbytes(BULK)
    dist.mkdir()
    name, data = wheel_of(project, version, {f"{module}.py": b'FROM = "wheel"\n', f"{module}.bin": bulk})
    wheel, sdist = dist / name, dist / f"{module}-{version}.tar.gz"
    wheel.write_bytes(data)
    members = {
        "PKG-INFO": f"Metadata-Version: 2.4\nName: {project}\nVersion: {version}\n\n".encode(),
        "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": BACKEND.format(module=module, version=version).encode(),
        f"{module}.py": b'FROM = "sdist"\n',
        "bulk.bin": bulk,
    }
    with tarfile.open(sdist, "w:gz") as tar:
        for path, content in members.items():
            member = tarfile.TarInfo(f"{module}-{version}/{path}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return Package(project, module, wheel, sdist)
