from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.faults.stand_ins import Unchanged
from voc_pipeline.operations import ingest as ingesting
from voc_pipeline.operations.ingest import ingest
from voc_pipeline.operations.scan import scan
from voc_pipeline.operations.study import open_study

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SHAPE = {"parts": [{"k": "Interviewer", "v": "What happened?"}, {"k": "Respondent", "v": "It broke."}]}
TABLE = "wer;was\nInterviewer;What happened?\nRespondent;It broke.\n"
FORMATS = """
[formats]
text_columns = ["Was"]
speaker_columns = ["Wer"]
json_turns = "parts"
json_text = "v"
json_speaker = "k"
"""


def outcomes(root: Path) -> dict[str, str]:
    with open_study(root) as study:
        ingest(study, scan(study).ingest)
        return {row.path: str(row.outcome) for row in study.store.inbox.files() if row.current}


def test_telling_how_files_are_laid_out_reads_those_that_were_refused(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingesting, "_pseudonymiser", lambda _key, _keep: Unchanged())
    settings = study / "voc.toml"
    settings.write_text("[inbox]\nstable_seconds = 0.0\n")
    (study / "inbox" / "talk.json").write_text(json.dumps(SHAPE))
    (study / "inbox" / "talk.csv").write_text(TABLE)
    assert outcomes(study) == {"talk.json": "refused", "talk.csv": "refused"}
    settings.write_text(settings.read_text() + FORMATS)
    assert outcomes(study) == {"talk.json": "coded", "talk.csv": "coded"}
