"""The map page ships inside the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("wangge-*.whl"))


def test_an_installed_wheel_has_the_page(wheel: Path, tmp_path: Path) -> None:
    """Installed into a fresh environment, without the checkout on its path."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    python = next(
        path
        for path in (tmp_path / "env" / "bin" / "python", tmp_path / "env" / "Scripts" / "python.exe")
        if path.exists()
    )
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    find = "import service, pathlib; print(pathlib.Path(service.__file__).parent / 'ui' / 'dist' / 'index.html')"
    told = subprocess.run([str(python), "-c", find], cwd=tmp_path, capture_output=True, text=True, check=True)
    page = Path(told.stdout.strip())
    assert page.is_relative_to(tmp_path)
    assert "assets/index-" in page.read_text("utf-8")


def test_the_wheel_carries_what_runs_and_nothing_else_of_the_page(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.startswith("service/ui/dist/assets/") and name.endswith(".js") for name in names)
    assert not [name for name in names if name.startswith("service/ui/") and not name.startswith("service/ui/dist/")]
