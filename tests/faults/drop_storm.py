"""Files fall into an inbox in every manner while two watchers are killed at random; then everything is counted.

``python -m tests.faults.drop_storm [FILES] [KILLS] [SEED]``, 2,000 files and 40 kills by default (`make faults`). On
operations, without Prefect. Nothing may be lost or doubled, and the tables must be those of a study to which nothing
happened.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import stand_ins

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = f"[inbox]\nstable_seconds = 1.0\nscan_seconds = 0.3\nquiet_seconds = 3600.0\n{stand_ins.SETTINGS}"
TABLES = ("turns", "mentions", "review_queue", "participants", "theme_by_segment", "scores", "topics")
MANNERS = ("move a folder", "copy a folder", "write slowly", "save atomically", "rename")


@dataclass
class Storm:
    """What came of a storm."""

    files: int
    seconds: float = 0.0
    kills: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    changed_by_another_pass: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing was lost or doubled, and all is as in a calm study."""
        return not (self.errors or self.lost or self.doubled or self.different or self.changed_by_another_pass)


def content(number: int, chance: random.Random) -> tuple[str, bytes]:
    """Make an interview and the ending of its name; some can't be read, some wait for a roster, some are copies."""
    if chance.random() < 0.15 and number > 10:
        number = chance.randrange(10)  # the bytes of another one
    kind = ("txt", "vtt", "srt", "md", "txt", "txt", "empty", "who")[number % 8]
    said = [f"Interview {number}, answer {turn}: it broke {number * 7 % 31} times." for turn in range(2 + number % 5)]
    if kind == "empty":
        return ".txt", b"" if number % 16 == 6 else b"\x00\x01 %d" % number
    if kind == "who":
        return ".txt", "\n\n".join(f"Speaker {turn % 2}: {text}" for turn, text in enumerate(said)).encode()
    lines = [(speaker, text) for text in said for speaker, text in (("Interviewer", "And?"), ("Respondent", text))]
    if kind in {"txt", "md"}:
        return f".{kind}", "\n\n".join(f"{speaker}: {text}" for speaker, text in lines).encode()
    mark = "." if kind == "vtt" else ","
    cues = [
        f"{index}\n00:{index:02}:00{mark}000 --> 00:{index:02}:30{mark}000\n{speaker}: {text}\n"
        for index, (speaker, text) in enumerate(lines, start=1)
    ]
    return f".{kind}", (("WEBVTT\n\n" if kind == "vtt" else "") + "\n".join(cues)).encode()


class Dropper(threading.Thread):
    """Drops its share of the files into the inbox, each batch in a manner of its own."""

    def __init__(self, study: Path, numbers: list[int], seed: int, counts: Counter[str]) -> None:
        super().__init__()
        self._inbox, self._aside = study / "inbox", study / f"aside-{seed}"
        self._numbers, self._chance, self._counts = numbers, random.Random(seed), counts  # noqa: S311 (repeatable)
        self.largest_batch = max(4, len(numbers) // 30)

    def run(self) -> None:
        """Drop all."""
        self._aside.mkdir()
        while self._numbers:
            manner = self._chance.choice(MANNERS)
            size = self._chance.randint(2, self.largest_batch)
            batch, self._numbers = self._numbers[:size], self._numbers[size:]
            self._counts[manner] += len(batch)
            if "folder" in manner:
                self._folder(batch, move=manner == "move a folder")
            else:
                for number in batch:
                    self._file(number, manner)
            time.sleep(self._chance.random() * 0.3)

    def _folder(self, numbers: list[int], *, move: bool) -> None:
        folder = self._aside / f"batch {numbers[0]} é"
        folder.mkdir()
        for number in numbers:
            suffix, data = content(number, self._chance)
            (folder / f"talk {number}{suffix}").write_bytes(data)
        if move:
            folder.rename(self._inbox / folder.name)
        else:
            shutil.copytree(folder, self._inbox / folder.name)

    def _file(self, number: int, manner: str) -> None:
        suffix, data = content(number, self._chance)
        path = self._inbox / f"talk {number}{suffix}"
        if manner == "write slowly":
            with path.open("wb", buffering=0) as stream:
                for start in range(0, len(data), 97):
                    stream.write(data[start : start + 97])
                    time.sleep(self._chance.random() * 0.1)
        elif manner == "save atomically":
            for version in (data[: len(data) // 2], data):
                half = self._inbox / f"~${path.name}.tmp"
                half.write_bytes(version)
                half.replace(path)
                time.sleep(self._chance.choice([0.0, 0.0, 1.5]))
        else:
            first = self._inbox / f"draft {number}{suffix}"
            first.write_bytes(data)
            time.sleep(self._chance.choice([0.0, 0.05, 2.0]))
            first.rename(path)


class Watchers:
    """Two watchers that are started again whenever they are killed."""

    def __init__(self, study: Path, seed: int) -> None:
        self._study = study
        self._chance = random.Random(seed)  # noqa: S311 (repeatable)
        self._running = [self._start(), self._start()]
        self.said: list[str] = []

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.faults.storm_watcher", str(self._study)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def kill_one(self) -> None:
        """Kill one with SIGKILL, keep what it said, start another."""
        place = self._chance.randrange(2)
        self._end(self._running[place])
        self._running[place] = self._start()

    def stop(self) -> None:
        """Kill both."""
        for process in self._running:
            self._end(process)

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        self.said += [line for line in said.splitlines() if line]


def storm(study: Path, *, files: int, kills: int, seed: int) -> Storm:
    """Let it happen and count."""
    result = Storm(files)
    (study / "inbox").mkdir(parents=True)
    (study / "voc.toml").write_text(SETTINGS)
    started = time.monotonic()
    watchers = Watchers(study, seed)
    droppers = [Dropper(study, list(range(first, files, 3)), seed + first, result.dropped) for first in range(3)]
    chance = random.Random(seed)  # noqa: S311 (repeatable)
    for dropper in droppers:
        dropper.start()
    while result.kills < kills or any(dropper.is_alive() for dropper in droppers):
        time.sleep(chance.uniform(1.0, 5.0))
        if result.kills < kills:
            watchers.kill_one()
            result.kills += 1
    watchers.stop()
    result.errors = watchers.said
    time.sleep(1.2)  # the last file stands still
    run(study, report=True)
    before = database_rows(study)
    run(study, report=True)
    result.changed_by_another_pass = sum((before - database_rows(study)).values())
    calm = study.with_name("calm")
    shutil.copytree(study / "inbox", calm / "inbox")
    shutil.copytree(study / "data" / "keys", calm / "data" / "keys")
    (calm / "voc.toml").write_text(SETTINGS)
    time.sleep(1.2)
    run(calm, report=True)
    count(study, calm, result)
    result.seconds = time.monotonic() - started
    return result


def run(study: Path, *, report: bool) -> None:
    """Bring a study up to date in a process of its own."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom tests.faults import stand_ins\n"
        "from voc_pipeline.operations.run import run_directly\n"
        f"stand_ins.install()\nrun_directly(Path(sys.argv[1]), report={report})\n"
    )
    subprocess.run([sys.executable, "-c", code, str(study)], cwd=ROOT, check=True)


def database_rows(study: Path) -> Counter[str]:
    """Count the rows of every table that an interview can change, each as text."""
    import sqlite3

    with sqlite3.connect(study / "data" / "voc.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return Counter(
            f"{table} {row}"
            for table in ("files", "transcripts", "turns", "participants", "mentions", "work", "runs", "delays")
            for row in connection.execute(f"SELECT * FROM {table}")  # noqa: S608 (our own names)
        )


def count(study: Path, calm: Path, result: Storm) -> None:
    """Compare what stands in the inbox with the tables, and these with those of a study without a storm."""
    there: dict[str, str] = {}
    for path in sorted((study / "inbox").rglob("*")):
        if path.is_file() and path.name != "STATUS.html" and not path.name.endswith(".problem.txt"):
            there[path.relative_to(study / "inbox").as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    rows = [row for row in table(study, "transcripts") if row["outcome"] != "superseded"]
    known = Counter((row["source_file"], row["sha256"]) for row in rows)
    wanted = Counter((path.replace("_", " "), sha256) for path, sha256 in there.items())
    result.lost = [path for path, _ in wanted - known] + (
        [] if len(there) == result.files else ["the dropper lost some"]
    )
    result.doubled = [path for path, _ in known - wanted]
    result.doubled += [name for name, times in Counter(hashes_of_coded(rows)).items() if times > 1]
    result.outcomes = dict(Counter(row["outcome"] for row in rows))
    result.different = [name for name in TABLES if sorted_lines(study, name) != sorted_lines(calm, name)]
    calm_rows = [row for row in table(calm, "transcripts") if row["outcome"] != "superseded"]
    if sorted(map(without_version, rows)) != sorted(map(without_version, calm_rows)):
        result.different.append("transcripts")
    notes = [{path.name for path in (root / "inbox").rglob("*.problem.txt")} for root in (study, calm)]
    if notes[0] != notes[1]:
        result.different.append("notes beside files")


def hashes_of_coded(rows: list[dict[str, str]]) -> list[str]:
    """List the hashes of what was coded: each must stand there once."""
    return [row["sha256"] for row in rows if row["outcome"] == "coded"]


def without_version(row: dict[str, str]) -> str:
    """Give a row without the number of versions that were seen: how many depends on the moment."""
    return json.dumps({name: value for name, value in row.items() if name != "version"}, sort_keys=True)


def table(study: Path, name: str) -> list[dict[str, str]]:
    """Read a table of the newest report."""
    with (folder(study) / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def sorted_lines(study: Path, name: str) -> bytes:
    """Give the bytes of a table."""
    path = folder(study) / f"{name}.csv"
    return path.read_bytes() if path.exists() else b""


def folder(study: Path) -> Path:
    """Give the folder of the newest report."""
    latest = json.loads((study / "reports" / "latest.json").read_text())
    return study / "reports" / str(latest["run"])


def main() -> int:
    """Run the large storm and print what came of it."""
    given = [int(value) for value in sys.argv[1:]]
    files, kills, seed = [*given, *(2000, 40, 1)[len(given) :]]
    with tempfile.TemporaryDirectory() as scratch:
        result = storm(Path(scratch) / "study", files=files, kills=kills, seed=seed)
    sys.stdout.write(json.dumps({"ok": result.ok, **vars(result)}, indent=1) + "\n")
    return 0 if result.ok else 1


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
