"""``voc publish`` and ``voc release`` as a person meets them; models are stood in for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import stand_ins

ROOT = Path(__file__).resolve().parents[2]
VOC = [
    sys.executable,
    "-c",
    "from tests.faults import stand_ins; stand_ins.install(); from voc_pipeline.cli.main import main; main()",
]
TALK = "Interviewer: What happened?\n\nRespondent: {} is what happened to us.\n"
SETTINGS = f"[inbox]\nstable_seconds = 0.0\n{stand_ins.SETTINGS}"


def voc(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "VOC_CODING__PROFILE"}
    env |= {"COLUMNS": "200", "PYTHONPATH": str(ROOT)}
    return subprocess.run([*VOC, *arguments], capture_output=True, text=True, check=False, env=env, cwd=cwd)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "study"
    (root / "inbox").mkdir(parents=True)
    (root / "voc.toml").write_text(SETTINGS)
    (root / "inbox" / "a.txt").write_text(TALK.format("Rain"))
    (root / "inbox" / "who.txt").write_text("Speaker 1: What happened?\n\nSpeaker 2: Nothing happened to us.\n")
    done = voc("run", root, "--without-prefect")
    assert done.returncode == 1, done.stderr  # a file needs attention
    return root


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "study")
    return tmp_path / "study"


def latest(study: Path) -> dict[str, str]:
    told: dict[str, str] = json.loads((study / "reports" / "latest.json").read_text(encoding="utf-8"))
    return told


def test_publish_makes_a_draft_and_says_how_to_release_it(study: Path) -> None:
    before = latest(study)["run"]
    done = voc("publish", study)
    after = latest(study)["run"]
    assert done.returncode == 0, done.stderr
    assert after != before
    assert f"Draft: {study / 'reports' / after / 'report.html'}" in done.stdout
    assert f"voc release {after} --study {study} --by 'Your Name'" in done.stdout


def test_release_says_who_released_what_and_what_should_be_known(study: Path) -> None:
    run = latest(study)["run"]
    done = voc("release", "--study", study, "--by", "Ada Moreau", "--note", "Read twice.")
    assert done.returncode == 0, done.stderr
    first, *known, report = done.stdout.splitlines()
    assert first.startswith(f"Released {run}, by Ada Moreau on 2")
    assert known == [
        "This kept nobody from releasing it, and should be known:",
        "  1 file needs attention: not in this report",
        "  adverse events: not screened",
    ]
    assert report == f"Report: {study / 'reports' / f'{run}-released' / 'report.html'}"
    assert latest(study)["status"] == "released"
    again = voc("release", run, "--study", study, "--by", "Ben")
    assert again.returncode == 0
    assert again.stdout.startswith(f"{run} was released already, by Ada Moreau on 2")
    assert "Your decision is noted beside that one; the report stays as it is." in again.stdout


def test_release_needs_a_name_and_a_run_that_is_there(study: Path) -> None:
    assert voc("release", "--study", study).returncode == 2
    done = voc("release", "nothing", "--study", study, "--by", "Ada")
    assert done.returncode == 2
    assert "no run is called 'nothing'" in done.stderr
    assert "Newest runs there:" in done.stderr
    changed = study / "reports" / latest(study)["run"] / "mentions.csv"
    changed.write_text(changed.read_text().replace("Rain", "Snow"))
    done = voc("release", "--study", study, "--by", "Ada")
    assert done.returncode == 3
    assert "does not prove itself" in done.stderr


def test_an_outside_edition_is_made_of_a_released_report_only(study: Path) -> None:
    before = latest(study)
    done = voc("publish", study, "--outside")
    assert done.returncode == 2
    assert "no report of this study is released" in done.stderr
    assert latest(study) == before


def test_a_study_that_read_nothing_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    done = voc("publish", tmp_path)
    assert done.returncode == 2
    assert "nothing has been read yet" in done.stderr


def test_a_share_that_is_gone_fails_no_run_and_is_told_until_it_is_back(study: Path, tmp_path: Path) -> None:
    share = tmp_path / "share"
    (study / "voc.toml").write_text(f'{SETTINGS}[publish]\ncopy_to = "{share}"\n')
    done = voc("release", "--study", study, "--by", "Ada")
    assert done.returncode == 0
    assert f"Reports are not delivered to {share}:\n  the folder is not there; waiting since 2" in done.stdout
    for command in (("run", study), ("status", study)):
        done = voc(*command)
        assert done.returncode == (1 if command[0] == "run" else 0)
        assert f"Reports are not delivered to {share}:" in done.stdout
        assert "Mount the share, make the folder, or mend publish.copy_to" in done.stdout
    told = json.loads(voc("run", study, "--json").stdout)
    assert told["undelivered"]["path"] == str(share)
    share.mkdir()
    done = voc("run", study)
    assert "not delivered" not in done.stdout
    assert {path.name for path in share.iterdir()} >= {"index.html", "latest.json", f"{latest(study)['run']}"}
    assert json.loads(voc("run", study, "--json").stdout)["undelivered"] is None
