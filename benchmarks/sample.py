"""Writes ``transcripts_sample/`` from the interviews in ``tests/data/sample_gold`` (``python -m benchmarks.sample``).

The sample holds two problems on purpose: a Word file that broke off on its way, and a talk in which nobody can
tell who interviews whom.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

from benchmarks.render import RENDERERS, interview_lines

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "tests" / "data" / "sample_gold"
SAMPLE = ROOT / "transcripts_sample"
LAYOUT = {
    "s01": ("emea/HX-01 Halvorsen", "docx"),
    "s02": ("na/HX-02", "otter"),
    "s03": ("emea/HX-03", "vtt"),
    "s04": ("na/HX-04", "txt"),
    "s05": ("emea/HX-05 Wieczorek", "docx"),
    "s06": ("na/HX-06", "teams"),
    "s07": ("emea/HX-07", "csv"),
    "s08": ("na/HX-08 Delgado", "docx"),
    "s09": ("na/HX-09", "md"),
    "s10": ("emea/HX-10", "teams"),
    "s11": ("na/HX-11", "txt"),
    "s12": ("emea/HX-12", "csv"),
    "s13": ("na/HX-13 lunch chat", "txt"),
}
BROKEN = ("emea/HX-14 follow-up.docx", "s01", 0.6)  # the first 60 % of a Word file: an upload that broke off
ATTRIBUTES = (
    "role", "region", "organization_type", "relationship_years", "account_value_usd", "nps", "interview_date",
)  # fmt: skip


def write_sample(folder: Path) -> None:
    """Write inbox and roster of the sample study into ``folder``; what else stands there stays."""
    inbox = folder / "inbox"
    shutil.rmtree(inbox, ignore_errors=True)
    interviewers: set[str] = set()
    rows = []
    for name, (stem, form) in LAYOUT.items():
        interview = json.loads((GOLD / f"{name}.json").read_text(encoding="utf-8"))
        ending, render = RENDERERS[form]
        path = inbox / f"{stem}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render(interview_lines(interview)))
        metadata = interview["metadata"]
        if "respondent_name" in metadata:
            interviewers.add(metadata["interviewer_name"])
            values = [str(metadata[attribute]) for attribute in ATTRIBUTES]
            who = [metadata["respondent_name"], metadata["participant"], "participant"]
            rows.append([path.relative_to(inbox).as_posix(), *who, *values])
    rows += [["*", name, "", "interviewer", *[""] * len(ATTRIBUTES)] for name in sorted(interviewers)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "speaker", "participant_id", "role_in_call", *ATTRIBUTES])
    writer.writerows(rows)
    (inbox / "participants.csv").write_text(out.getvalue(), encoding="utf-8")
    broken, source, share = BROKEN
    whole = (inbox / f"{LAYOUT[source][0]}.docx").read_bytes()
    (inbox / broken).write_bytes(whole[: int(len(whole) * share)])


if __name__ == "__main__":
    write_sample(SAMPLE)
