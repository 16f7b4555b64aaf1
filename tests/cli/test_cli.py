"""The command line as a person meets it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from voc_pipeline.operations.status_page import printable

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "init",
    "run",
    "publish",
    "release",
    "verify",
    "roster",
    "status",
    "explain",
    "doctor",
    "watch",
    "serve",
    "demo",
)
VOC = [sys.executable, "-m", "voc_pipeline"]


def voc(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    import os

    env = {**os.environ, **environ, "COLUMNS": "100"}
    return subprocess.run([*VOC, *arguments], capture_output=True, text=True, check=False, env=env)


def test_help_lists_every_command() -> None:
    text = voc("--help").stdout
    assert [name for name in COMMANDS if not re.search(rf"^\s+{name}\s", text, re.MULTILINE)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = voc(command, "--help")
    assert done.returncode == 0
    assert f"Example: voc {command}" in " ".join(done.stdout.split())


def test_help_takes_under_half_a_second() -> None:
    times = []
    for _ in range(5):
        started = time.monotonic()
        voc("--help")
        times.append(time.monotonic() - started)
    assert min(times) < 0.5


def test_init_makes_an_inbox_and_settings_and_leaves_what_is_there(tmp_path: Path) -> None:
    first = voc("init", tmp_path / "mine")
    assert first.returncode == 0
    assert (tmp_path / "mine" / "inbox").is_dir()
    (tmp_path / "mine" / "voc.toml").write_text('[study]\ntitle = "Mine"\n')
    assert voc("init", tmp_path / "mine").returncode == 0
    assert "Mine" in (tmp_path / "mine" / "voc.toml").read_text()


def test_a_folder_that_is_no_study_is_wrong_use(tmp_path: Path) -> None:
    done = voc("run", tmp_path)
    assert done.returncode == 2
    assert "this is no study: it has no folder 'inbox'" in done.stderr
    assert "voc init" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_ends_with_2_and_writes_nothing(study: Path) -> None:
    (study / "voc.toml").write_text("[inbox]\nstable_secnds = 5.0\n")
    (study / "inbox" / "a.txt").write_text("Interviewer: Hi\n\nRespondent: Hi\n")
    done = voc("run", study)
    assert done.returncode == 2
    assert "voc.toml, line 2: unknown key 'inbox.stable_secnds'" in done.stderr
    assert "Did you mean 'stable_seconds'?" in done.stderr
    assert sorted(path.name for path in study.iterdir()) == ["inbox", "voc.toml"]


def test_an_unknown_option_is_wrong_use(study: Path) -> None:
    assert voc("run", study, "--quick").returncode == 2


def test_status_of_a_new_study_says_what_to_do(study: Path) -> None:
    done = voc("status", study)
    assert done.returncode == 0
    assert "No file has been seen yet" in done.stdout
    (study / "inbox" / "a.txt").write_text("Interviewer: Hi\n\nRespondent: Hi\n")
    rows = json.loads(voc("status", study, "--json", VOC_INBOX__STABLE_SECONDS="0").stdout)
    assert [(row["path"], row["outcome"]) for row in rows] == [("a.txt", "new")]


def test_status_loads_no_heavy_library(study: Path) -> None:
    (study / "inbox" / "a.txt").write_text("Interviewer: Hi\n\nRespondent: Hi\n")
    code = (
        "import sys\nfrom pathlib import Path\nfrom voc_pipeline.operations.status import file_statuses\n"
        "file_statuses(Path(sys.argv[1]))\n"
        "print([m for m in ('torch', 'spacy', 'bertopic', 'presidio_analyzer', 'prefect') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, study], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_roster_proposes_rows_and_keeps_the_users(study: Path) -> None:
    talk = "Dana: What do you do here?\n\nRuth: I run the lab and I have run it for many years now.\n"
    (study / "inbox" / "a.txt").write_text(talk)
    done = voc("roster", study)
    assert "2 rows added" in done.stdout
    path = study / "inbox" / "participants.csv"
    text = path.read_text()
    assert "Dana" in text
    assert "Ruth" in text
    path.write_text(text.replace("Ruth", "Ruth", 1))
    again = voc("roster", study)
    assert "every file and speaker is there already" in again.stdout
    assert path.read_text() == text


def test_doctor_checks_models_by_hash_and_names_plugins_with_origin() -> None:
    done = voc("doctor", "--json")
    checks = {(check["name"], check["ok"]) for check in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert {("python", True), ("encoder", True), ("coder", True), ("readers", True)} <= checks
    assert "voc-pipeline 0.1.0" in done.stdout


def test_doctor_says_what_is_wrong_with_a_study(study: Path) -> None:
    (study / "voc.toml").write_text("[inbox]\nx = 1\n")
    done = voc("doctor", study)
    assert done.returncode == 3
    assert "WRONG" in done.stdout
    assert "unknown key 'inbox.x'" in done.stdout


def test_file_names_are_shown_without_control_characters() -> None:
    assert printable("a\x1b[31m\n.txt") == "a\\x1b[31m\\n.txt"
    assert printable("caf\udce9.txt") == "caf\\udce9.txt"
    assert printable("naïve Ω.txt") == "naïve Ω.txt"


def test_the_readmes_commands_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\.venv/bin/voc (.+)$", readme, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["init", "roster", "run"]
    monkeypatch.chdir(tmp_path)
    for command in commands:
        done = voc(*command.split())
        assert done.returncode == 0, (command, done.stderr)
    targets = set(re.findall(r"^make (\S+)", readme, re.MULTILINE))
    assert targets == {"demo", "test"}
    for target in targets:
        assert subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False).returncode == 0
