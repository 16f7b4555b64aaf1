"""What all tests share. Checks that need Debian packages are counted, never quietly passed over."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from pathlib import Path

NEEDS_DEBIAN = "needs Debian"
# Whole runs are tested with the fast coder, for the sake of time; tests of the accurate one ask for it.
PROFILE = ("VOC_CODING__PROFILE", "fast")
os.environ.setdefault(*PROFILE)  # for what is run once for several tests

# A machine that is busy with two workers must not fail a property for being slow.
settings.register_profile("voc", deadline=None)
settings.load_profile("voc")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser checks where there is no Chromium."""
    if shutil.which("chromium"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=f"{NEEDS_DEBIAN}'s chromium"))


def _not_run(config: pytest.Config) -> int:
    """Count the checks that were skipped for want of a Debian package; other skips are not counted here."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return sum(NEEDS_DEBIAN in str(report.longrepr) for report in skipped)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """On CI a check that was not run is a failure; on a desk it is only said."""
    if exitstatus == 0 and os.environ.get("CI") == "true" and _not_run(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was not run."""
    count = _not_run(terminalreporter.config)
    if count:
        terminalreporter.write_line(
            f"INCOMPLETE: {count} checks not run; they need Debian packages that `make system` installs, as root"
        )


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the desk's VOC_* and Prefect settings out of every test, and models offline."""
    for name in list(os.environ):
        if name.startswith("VOC_") and name != "VOC_REGENERATE_GOLDEN":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv(*PROFILE)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Give an empty study folder."""
    (tmp_path / "study" / "inbox").mkdir(parents=True)
    return tmp_path / "study"
