"""The wheel holds all that a run needs: it is built, installed outside the repository, and runs its own demo there."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("sample")
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_ships_models_sample_and_flows_and_of_the_training_material_only_the_statements(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "voc_pipeline/_models/encoders.toml",
        "voc_pipeline/_models/codebooks/cx-life-sciences.yaml",
        "voc_pipeline/_models/coders/accurate/weights.safetensors",
        "voc_pipeline/_models/coders/fast/weights.safetensors",
        "voc_pipeline/_models/exemplars/part1.jsonl",
        "voc_pipeline/_sample/inbox/participants.csv",
        "voc_pipeline/report/templates/report.html",
        "voc_pipeline/store/migrations/versions/rev_0001.py",
        "voc_pipeline/py.typed",
        "flows/nightly.py",
    ):
        assert part in names
    assert [name for name in names if "training" in name or name.startswith(("tests/", "benchmarks/"))] == []


@pytest.mark.models
@pytest.mark.prefect
def test_voc_demo_runs_from_the_installed_wheel_outside_the_repository(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    site = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True, text=True, check=True,
        ).stdout.strip()
    )  # fmt: skip
    # A plain path sees the locked packages but not the checkout: .pth files of that folder are not followed.
    (site / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True)
    work = tmp_path / "work"
    work.mkdir()
    # As a user's own shell: with the accurate coder, which other tests leave out for the sake of time.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" and not name.startswith("VOC_")}
    voc = [str(tmp_path / "venv" / "bin" / "voc"), "demo"]
    done = subprocess.run(voc, cwd=work, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "HX-13 lunch chat.txt" in done.stdout
    assert "HX-14 follow-up.docx" in done.stdout
    assert "report.html" in done.stdout
    reports = list((work / "demo" / "reports").glob("*/report.html"))
    assert len(reports) == 1
    again = subprocess.run(voc, cwd=work, env=env, capture_output=True, text=True, check=False)
    assert again.returncode == 0
