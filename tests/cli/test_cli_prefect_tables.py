"""A new study's Prefect tables are those that Prefect's own migrations make.

After another Prefect: VOC_REGENERATE_GOLDEN=1 pytest tests/cli/test_cli_prefect_tables.py
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest

from voc_pipeline.cli import prefect_home

TABLES = Path(prefect_home.__file__).with_name("prefect_tables.sql")
MIGRATE = """
import asyncio
from prefect.server.database import provide_database_interface
asyncio.run(provide_database_interface().create_db())
"""


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def in_any_order(statements: list[str]) -> list[list[str]]:
    """Sort statements, and the lines of each: the migrations order indexes and constraints anew each time."""
    return sorted(sorted(line.strip().rstrip(",") for line in statement.splitlines()) for statement in statements)


@pytest.mark.prefect
def test_a_new_studys_tables_are_those_of_the_migrations(tmp_path: Path) -> None:
    migrated, laid_out = tmp_path / "migrated", tmp_path / "laid_out"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    prefect_home.isolate(migrated, environ)
    laid_out.mkdir()
    subprocess.run([sys.executable, "-P", "-c", MIGRATE], env=environ, cwd=migrated, check=True)
    expected = dump(migrated / "prefect.db")
    if os.environ.get("VOC_REGENERATE_GOLDEN") == "1":
        made = "-- Made by tests/cli/test_cli_prefect_tables.py: not to be edited."
        lines = [f"-- prefect {metadata.version('prefect')}", made, *expected]
        TABLES.write_text("\n".join(lines) + "\n", encoding="utf-8")
    prefect_home.lay_out_database(laid_out)
    assert in_any_order(dump(laid_out / "prefect.db")) == in_any_order(expected)
    assert len(expected) > 100
    assert [path.name for path in laid_out.iterdir()] == ["prefect.db"]


def test_tables_that_are_there_and_those_of_another_prefect_are_left_to_prefect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prefect.db").write_bytes(b"somebody's")
    prefect_home.lay_out_database(tmp_path)
    assert (tmp_path / "prefect.db").read_bytes() == b"somebody's"
    (tmp_path / "prefect.db").unlink()
    monkeypatch.setattr(metadata, "version", lambda _name: "3.8.80")
    prefect_home.lay_out_database(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_tables_is_left_to_prefect_too(tmp_path: Path) -> None:
    prefect_home.lay_out_database(tmp_path / "is not there")
    assert list(tmp_path.iterdir()) == []
