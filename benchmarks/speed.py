"""How fast the product is: ``voc run`` on a study against plain.py on the same passages, in pairs in one run.

Both are timed as whole processes, start-up included. ``voc run`` does all of its work: reading, pseudonymising, coding,
topics, statistics, report. The study is made of the exemplar statements, grouped into interviews.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.config import StudyPaths
from voc_pipeline.operations.study import open_study

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
EXEMPLARS = ROOT / "models" / "training" / "exemplars"
TURNS = 24
INTERVIEWS = 40


def main() -> None:
    """Time pairs and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--profile", default="accurate", help="whose coder is timed: accurate or fast")
    options = parser.parse_args()
    pairs: int = options.pairs
    profile: str = options.profile
    with tempfile.TemporaryDirectory() as scratch:
        study, passages = Path(scratch) / "study", Path(scratch) / "passages.json"
        interviews, words = make_study(study, profile)
        run_voc(study)
        texts = passages_of(study)
        passages.write_text(json.dumps(texts), encoding="utf-8")
        ours, plain = [], []
        for _ in range(pairs):
            for folder in (StudyPaths(study).data, StudyPaths(study).reports):
                shutil.rmtree(folder)
            ours.append(timed(run_voc, study))
            plain.append(timed(run_plain, passages, profile))
    ratios = [theirs / own for own, theirs in zip(ours, plain, strict=True)]
    print(f"\nSpeed: {interviews} interviews, {words} words, {len(texts)} passages; {pairs} pairs, whole processes")
    print("                       median     min     max  seconds")
    for name, seconds in (("voc run", ours), ("plain.py", plain)):
        print(f"{name:<20} {statistics.median(seconds):8.1f} {min(seconds):7.1f} {max(seconds):7.1f}")
    print(f"plain.py / voc run: {statistics.median(ratios):.2f} (median of pairs)")


def make_study(root: Path, profile: str) -> tuple[int, int]:
    """Write interviews of TURNS questions and answers each, from the exemplars in their order."""
    lines = [
        json.loads(line) for path in sorted(EXEMPLARS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    (root / "inbox").mkdir(parents=True)
    (root / "voc.toml").write_text(f'[inbox]\nstable_seconds = 0.0\n[coding]\nprofile = "{profile}"\n')
    words = interviews = 0
    for first in range(0, min(len(lines) - TURNS, INTERVIEWS * TURNS), TURNS):
        turns = []
        for line in lines[first : first + TURNS]:
            turns += [
                f"Interviewer: {line['question'] or 'And then?'}",
                f"Respondent: {' '.join(line['text'].split())}",
            ]
        text = "\n\n".join(turns)
        (root / "inbox" / f"interview-{interviews:03d}.txt").write_text(text, encoding="utf-8")
        interviews += 1
        words += len(text.split())
    return interviews, words


def passages_of(root: Path) -> list[str]:
    """Give the texts of the passages that the product codes."""
    with open_study(root) as study:
        transcripts = study.store.inbox.transcripts()
        turns = {(item.transcript_id, turn.number): turn.text for item in transcripts for turn in item.turns}
        passages = study.store.codings.passages([item.transcript_id for item in transcripts])
        return [turns[item.transcript_id, item.turn][item.start : item.end] for item in passages if item.codable]


def run_voc(root: Path) -> None:
    """Run the product as a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "voc_pipeline", "run", str(root), "--without-prefect"], check=True, capture_output=True
    )


def run_plain(passages: Path, profile: str) -> None:
    """Run the plain script as a process of its own."""
    command = [sys.executable, "-m", "benchmarks.plain", str(passages), profile]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)


def timed(job: Callable[..., None], *arguments: object) -> float:
    """Time one call in seconds."""
    started = time.monotonic()
    job(*arguments)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
