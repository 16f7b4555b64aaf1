"""No personal data in anything that is published, stored, logged or raised."""

from __future__ import annotations

import csv
import json
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from benchmarks.sample import GOLD, LAYOUT, SAMPLE

if TYPE_CHECKING:
    from tests.pipeline.conftest import Run

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("sample")]


def roster_names() -> list[str]:
    with (SAMPLE / "inbox" / "participants.csv").open(encoding="utf-8", newline="") as stream:
        return [row["speaker"] for row in csv.DictReader(stream)]


def published(run: Run) -> str:
    """Give all that a report's files say; of the office formats, what their parts say."""
    said = []
    for path in sorted(run.folder.iterdir()):
        if path.suffix in {".xlsx", ".pptx"}:
            with zipfile.ZipFile(path) as parts:
                said += [parts.read(name).decode(errors="replace") for name in sorted(parts.namelist())]
        else:
            said.append(path.read_text(encoding="utf-8"))
    return "\n".join(said)


def test_no_name_of_the_roster_stands_in_a_published_file(sample_run: Run) -> None:
    text = published(sample_run)
    surnames = [name.split()[-1] for name in roster_names()]
    assert surnames
    assert [name for name in surnames if name in text] == []


def test_the_store_holds_no_raw_text_and_no_label(sample_run: Run) -> None:
    raw = b"".join(path.read_bytes() for path in (sample_run.root / "data").glob("voc.sqlite*"))
    full_names = [name for name in roster_names() if name.encode() in raw]
    assert full_names == []


def test_personal_data_that_the_authors_marked_is_mostly_gone(sample_run: Run) -> None:
    text = published(sample_run)
    marked = [
        item["text"]
        for name in LAYOUT
        if name != "s13"
        for item in json.loads((GOLD / f"{name}.json").read_text(encoding="utf-8"))["pii"]
        if item["type"].startswith(("PERSON", "EMAIL", "PHONE"))
    ]
    assert len(marked) > 30
    left = [item for item in marked if item in text]
    assert len(left) / len(marked) <= 0.15


def test_products_and_vendors_stay(sample_run: Run) -> None:
    text = published(sample_run)
    assert all(name in text for name in ("CytoLane", "LaneMix", "Helixa"))


def test_the_key_is_its_owners_alone(sample_run: Run) -> None:
    key = sample_run.root / "data" / "keys" / "pseudonyms.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32
