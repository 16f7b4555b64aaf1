"""What all tests share. Checks that need Debian packages are counted, never quietly passed over."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

NEEDS_DEBIAN = "needs Debian's "
_missing: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser checks where there is no Chromium, and remember how many."""
    if shutil.which("chromium"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=f"{NEEDS_DEBIAN}chromium"))
            _missing.append(item.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """On CI a check that was not run is a failure; on a desk it is only said."""
    if _missing and exitstatus == 0 and os.environ.get("CI") == "true":
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was not run."""
    if _missing:
        terminalreporter.write_line(
            f"INCOMPLETE: {len(_missing)} checks not run; they need Debian's chromium (make system, as root)"
        )


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the desk's VOC_* and Prefect settings out of every test, and models offline."""
    for name in list(os.environ):
        if name.startswith("VOC_") and name != "VOC_REGENERATE_GOLDEN":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Give an empty study folder."""
    (tmp_path / "study" / "inbox").mkdir(parents=True)
    return tmp_path / "study"
