"""How well the product codes: interviews rendered as files, ``voc run`` over them, mentions.csv against gold codes.

``python -m benchmarks.quality`` scores the validation interviews; ``--gold DIR`` an external set in the same format,
whose every use is logged in benchmarks/gold_uses.csv: a test set that is looked at often is none.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.chance import calibration_by_chance, f1_interval
from benchmarks.render import RENDERERS, interview_lines
from benchmarks.traps import fallen_for, print_traps
from models.training.data import load_traps
from voc_pipeline.coding.scoring import Coded, Scorecard, score
from voc_pipeline.ids import digest
from voc_pipeline.operations import keys
from voc_pipeline.operations.code import speech_encoder, theme_coder
from voc_pipeline.operations.study import open_study

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.training.data import Trap

ROOT = Path(__file__).resolve().parent.parent
VALIDATION = ROOT / "models" / "training" / "validation"
SECOND_CODER = ROOT / "models" / "training" / "second_coder" / "codes.jsonl"
USES = ROOT / "benchmarks" / "gold_uses.csv"
FORMATS = ("docx", "vtt", "txt")


def main() -> None:
    """Score a set of gold interviews and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, help="folder of an external gold set (*.json)")
    parser.add_argument("--profile", default="accurate", help="whose coder is measured: accurate or fast")
    parser.add_argument("--quick", action="store_true", help="render as txt only")
    options = parser.parse_args()
    formats = ("txt",) if options.quick else FORMATS
    gold_dir: Path | None = options.gold
    interviews = load_interviews(gold_dir or VALIDATION)
    with tempfile.TemporaryDirectory() as scratch:
        run = run_study(Path(scratch), interviews, formats, profile=options.profile)
        mentions = read_csv(run / "mentions.csv")
        check_turns(interviews, read_csv(run / "turns.csv"), formats)
        found = {form: found_codes(mentions, form) for form in formats}
        stage = keys.STAGE_VERSIONS["code"]
        falls = trapped(Path(scratch)) if gold_dir is None else None
        coders = sorted({f"{row['coder']} {row['coder_version']} (stage {stage})" for row in mentions})
    kind = "EXTERNAL SET" if gold_dir else "validation interviews (thresholds were chosen on them: optimistic)"
    print(f"Quality on {len(interviews)} interviews, {kind}; coder: {', '.join(coders)}\n")
    gold = gold_codes(interviews)
    cards = {form: score(codes, gold, interviewer_turns=askers_turns(interviews)) for form, codes in found.items()}
    print_cards(cards)
    print_chance(found["txt"], gold, sorted(interviews))
    if falls is not None:
        print_traps(*falls)
    if gold_dir is None:
        second = score(load_second_coder(), gold)
        print(
            "\nA second coder, a language model as the authors were, who saw neither the codes nor the coder: "
            f"micro-F1 {second.micro.f1:.3f}, macro-F1 {second.macro_f1:.3f}, sentiment of shared codes "
            f"{second.sentiment.precision:.3f}, stage {second.stage.precision:.3f}, type {second.type.precision:.3f}"
        )
    else:
        log_use(gold_dir, coders, cards["txt"])


def load_interviews(folder: Path) -> dict[str, dict[str, Any]]:
    """Load gold interviews by id."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    if not found:
        sys.exit(f"{folder}: no *.json with gold interviews")
    return {interview["id"]: interview for interview in found}


def load_second_coder() -> list[Coded]:
    """Load the blind second coding of the validation interviews."""
    lines = map(json.loads, SECOND_CODER.read_text(encoding="utf-8").splitlines())
    return [_coded(line["id"], line) for line in lines]


def gold_codes(interviews: dict[str, dict[str, Any]]) -> list[Coded]:
    """List the gold codes of all interviews."""
    return [_coded(name, code) for name, interview in interviews.items() for code in interview["codes"]]


def _coded(name: str, code: dict[str, Any]) -> Coded:
    """Read one gold code; sets differ in whether they judge stage and type."""
    return Coded(
        name, code["turn"], code["theme"], code["sentiment"], stage=code.get("stage") or "", type=code.get("type") or ""
    )


def trapped(root: Path) -> tuple[list[Trap], list[bool]]:
    """Give the authored traps, and of each whether the study's coder falls for it."""
    traps = load_traps()
    with open_study(root) as study:
        return traps, fallen_for(traps, theme_coder(study, speech_encoder(study.settings.coding.profile)))


def run_study(root: Path, interviews: dict[str, dict[str, Any]], formats: Sequence[str], *, profile: str) -> Path:
    """Render every interview in these formats, run ``voc run`` on them and return the run's folder."""
    roster = [["file", "speaker", "participant_id", "role_in_call"]]
    for name, interview in interviews.items():
        speakers = {turn["speaker"]: _role(turn) for turn in interview["turns"]}
        for form in formats:
            ending, render = RENDERERS[form]
            path = root / "inbox" / form / f"{name}{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(render(interview_lines({**interview, "metadata": {}})))
            roster += [[f"{form}/{name}{ending}", label, "", role] for label, role in speakers.items()]
    with (root / "inbox" / "participants.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(roster)
    settings = f'[inbox]\nstable_seconds = 0.0\n[discovery]\nenabled = false\n[coding]\nprofile = "{profile}"\n'
    (root / "voc.toml").write_text(settings, encoding="utf-8")
    command = [sys.executable, "-m", "voc_pipeline", "run", str(root), "--without-prefect", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"voc run ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return Path(json.loads(done.stdout)["report"])


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a contract file as strings."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def found_codes(mentions: list[dict[str, str]], form: str) -> list[Coded]:
    """List the mentions of one format's files by interview and turn."""
    return [
        Coded(
            _interview(row),
            int(row["turn"]),
            row["theme_id"],
            row["sentiment"],
            stage=row["stage"],
            type=row["type"],
            score=float(row["score"]),
        )
        for row in mentions
        if row["source_file"].startswith(f"{form}/")
    ]


def askers_turns(interviews: dict[str, dict[str, Any]]) -> set[tuple[str, int]]:
    """List the turns of those who ask or listen."""
    return {
        (name, turn["n"])
        for name, interview in interviews.items()
        for turn in interview["turns"]
        if _role(turn) != "participant"
    }


def check_turns(interviews: dict[str, dict[str, Any]], turns: list[dict[str, str]], formats: Sequence[str]) -> None:
    """Leave if a format's turns were not read as they were rendered."""
    expected = sum(len(interview["turns"]) for interview in interviews.values())
    for form in formats:
        read = sum(row["source_file"].startswith(f"{form}/") for row in turns)
        if read != expected:
            sys.exit(f"{form}: {expected} turns were rendered, {read} were read: turn numbers can't be compared")


def _role(turn: dict[str, Any]) -> str:
    """Tell a turn's role as gold gives it: by `role` where the speaker's name does not tell."""
    part = str(turn.get("role") or turn["speaker"]).lower()
    return "participant" if part.startswith("resp") else "interviewer" if part.startswith("int") else "observer"


def _interview(row: dict[str, str]) -> str:
    return Path(row["source_file"]).stem


def print_cards(cards: dict[str, Scorecard]) -> None:
    """Print a line a format, then a line a theme (txt)."""
    print(
        "format  micro-F1  macro-F1  precision  recall  presence-F1  sentiment  stage  type   calibration error  "
        "interviewer words coded"
    )
    for form, card in cards.items():
        print(
            f"{form:<6}  {card.micro.f1:8.3f}  {card.macro_f1:8.3f}  {card.micro.precision:9.3f}  "
            f"{card.micro.recall:6.3f}  {card.presence.f1:11.3f}  {card.sentiment.precision:9.3f}  "
            f"{card.stage.precision:.3f}  {card.type.precision:.3f}  {card.calibration_error:17.3f}  "
            f"{card.interviewer_words:8d}"
        )
    print("\ntheme                        F1  precision  recall  gold  found   (txt)")
    for theme, counts in sorted(cards["txt"].per_theme.items()):
        print(
            f"{theme:<24}  {counts.f1:.3f}  {counts.precision:9.3f}  {counts.recall:6.3f}  {counts.expected:4d}  "
            f"{counts.found:5d}"
        )


def print_chance(found: Sequence[Coded], gold: Sequence[Coded], interviews: Sequence[str]) -> None:
    """Say how far chance alone may move the figures of so few interviews."""
    low, high = f1_interval(found, gold, interviews)
    print(
        f"\nmicro-F1 (txt) is between {low:.3f} and {high:.3f} in 95% of draws of {len(interviews)} such interviews; "
        f"of {len(found)} mentions, scores that are exactly right would show a calibration error of "
        f"{calibration_by_chance([one.score for one in found]):.3f}"
    )


def log_use(folder: Path, coders: list[str], card: Scorecard) -> None:
    """Append one line: when, which coder, which set (name and hash), what came out."""
    contents = digest(*(path.read_bytes() for path in sorted(folder.glob("*.json"))))
    new = not USES.exists()
    with USES.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if new:
            writer.writerow(["date", "coder", "set", "set_sha256", "micro_f1", "macro_f1", "presence_f1", "sentiment"])
        figures = (card.micro.f1, card.macro_f1, card.presence.f1, card.sentiment.precision)
        today = datetime.now(UTC).date().isoformat()
        writer.writerow(
            [today, "; ".join(coders), folder.name, contents[:16], *(f"{figure:.3f}" for figure in figures)]
        )


if __name__ == "__main__":
    main()
