"""One real run over the sample study for the whole session; tests read it, none writes to it."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from benchmarks.sample import SAMPLE
from voc_pipeline.operations.run import run_directly

if TYPE_CHECKING:
    from pathlib import Path

FAST = "[inbox]\nstable_seconds = 0.0\nscan_seconds = 0.2\nquiet_seconds = 0.0\n"


@dataclass(frozen=True)
class Run:
    """A study after a run."""

    root: Path

    @property
    def folder(self) -> Path:
        latest = json.loads((self.root / "reports" / "latest.json").read_text())
        return self.root / "reports" / str(latest["run"])

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def tables(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.folder.glob("*.csv"))}


def copy_sample(target: Path) -> Path:
    shutil.copytree(SAMPLE, target)
    settings = (target / "voc.toml").read_text(encoding="utf-8")
    (target / "voc.toml").write_text(f"{settings}\n{FAST}", encoding="utf-8")
    return target


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = copy_sample(tmp_path_factory.mktemp("sample") / "study")
    run_directly(root)
    return Run(root)
