"""Builds the wheel, installs it with every pinned version into a new venv outside the repository, runs its demo."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Build, install, run; a step that fails ends with its own exit code."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        step([sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)], folder)
        wheel = next(folder.glob("*.whl"))
        venv.create(folder / "venv", with_pip=True)
        pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        constraints = ["--constraint", str(ROOT / "constraints.txt")]
        step([*pip, "torch==2.13.0", *constraints], folder)
        step([*pip, str(wheel), *constraints], folder)
        step([str(folder / "venv" / "bin" / "voc"), "demo", "demo"], folder)
    print("wheel-check: a clean install of the wheel runs its demo")


def step(command: list[str], folder: Path) -> None:
    """Run one step outside the repository."""
    done = subprocess.run(command, cwd=folder, check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
