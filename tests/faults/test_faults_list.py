"""docs/faults.md names a test for each fault, and the test is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_each_fault_of_the_list_ends_with_a_test_that_is_there() -> None:
    rows = re.findall(r"^\| (I\d+) \|.*\| (.*) \|$", (ROOT / "docs" / "faults.md").read_text(), re.MULTILINE)
    assert [number for number, _ in rows] == [f"I{number}" for number in range(1, 21)]
    for number, tests in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", tests)
        assert named, number
        assert [name for path, name in named if f"def {name}(" not in (ROOT / path).read_text()] == []
