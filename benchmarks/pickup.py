"""How soon a dropped file is in the tables: ``python -m benchmarks.pickup [FILES]``, with the real models and settings.

A watcher is warmed up with one interview; then files of 300 to 10,000 words are dropped, one at a time, and the time is
taken until each is read, pseudonymised and coded in the store. Two figures: from the moment the file is whole in the
inbox, and from the moment it counts as stable (``inbox.stable_seconds`` later). The report is not waited for.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.sample import SAMPLE
from voc_pipeline.config import StudySettings
from voc_pipeline.ids import transcript_id
from voc_pipeline.ingest.readers.text import TextReader

STABLE_SECONDS = StudySettings().inbox.stable_seconds
PROMISE_SECONDS = 15.0
_LONGEST_WAIT = 600.0


def sentences() -> list[str]:
    """Take what respondents say in the sample's text files."""
    found = []
    for path in sorted((SAMPLE / "inbox").rglob("*.txt")):
        raw = TextReader().read(path.read_bytes(), name=path.name)
        found += [piece.text for piece in raw.utterances if len(piece.text.split()) > 8]  # noqa: PLR2004 (no fillers)
    return found


def interview(words: int, said: list[str], chance: random.Random) -> str:
    """Write an interview of about so many words; no two are alike, so that no vector is in the cache."""
    parts, count = [], 0
    while count < words:
        text = f"{chance.choice(said)} That was {chance.randrange(10**6)} days ago, {chance.choice(said)}"
        count += len(text.split()) + 3
        parts.append(f"Interviewer: Tell me more?\n\nRespondent: {text}")
    return "\n\n".join(parts)


def wait_until_coded(database: Path, text: str) -> float:
    """Wait until an interview is coded, and give the time (monotonic)."""
    import hashlib  # noqa: PLC0415 (only here)

    name = transcript_id(hashlib.sha256(text.encode()).hexdigest())
    until = time.monotonic() + _LONGEST_WAIT
    while time.monotonic() < until:
        try:
            with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
                query = "SELECT count(*) FROM work WHERE stage = 'code' AND subject = ?"
                if connection.execute(query, (name,)).fetchone()[0]:
                    return time.monotonic()
        except sqlite3.OperationalError:
            pass  # not made yet
        time.sleep(0.05)
    msg = f"not coded within {_LONGEST_WAIT:g} s"
    raise TimeoutError(msg)


def main() -> int:
    """Measure and print."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    chance, said = random.Random(7), sentences()  # noqa: S311 (a repeatable choice)
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(scratch) / "study"
        (study / "inbox").mkdir(parents=True)
        command = [sys.executable, "-m", "voc_pipeline", "watch", str(study)]
        with (Path(scratch) / "log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                rows = measure(study, files, said, chance)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait()
    seconds = sorted(row["from_stable"] for row in rows)
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    print(json.dumps({
        "files": files,
        "words_largest": max(row["words"] for row in rows),
        "p50_from_stable_seconds": round(statistics.median(seconds), 1),
        "p95_from_stable_seconds": round(p95, 1),
        "p95_from_drop_seconds": round(p95 + STABLE_SECONDS, 1),
        "promise_seconds": PROMISE_SECONDS,
        "load_average": os.getloadavg()[0],
        "cores": os.cpu_count(),
        "each": rows,
    }, indent=1))  # fmt: skip
    return 0 if p95 <= PROMISE_SECONDS else 1


def measure(study: Path, files: int, said: list[str], chance: random.Random) -> list[dict[str, float]]:
    """Drop one file after another; the first one only warms up."""
    rows = []
    for number in range(files + 1):
        words = 1000 if number == 0 else round(300 + 9700 * (number - 1) / max(1, files - 1))
        text = interview(words, said, chance)
        half = study / f"{number}.part"
        half.write_bytes(text.encode())
        dropped = time.monotonic()
        half.rename(study / "inbox" / f"talk {number}.txt")
        took = wait_until_coded(study / "data" / "voc.sqlite", text) - dropped - STABLE_SECONDS
        if number:
            rows.append({"words": len(text.split()), "from_stable": round(took, 2)})
        time.sleep(chance.random() * 5)  # anywhere between two looks
    return rows


if __name__ == "__main__":
    sys.exit(main())
