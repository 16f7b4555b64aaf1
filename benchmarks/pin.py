"""Writes constraints.txt from the environment it runs in (``python -m benchmarks.pin``): every version, transitive."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "constraints.txt"
HEAD = "# Every version of the environment that the tests run in. Made by: python -m benchmarks.pin\n"


def main() -> None:
    """Write one line a distribution; our own and the installers are left out, local version labels are cut."""
    found = {}
    for distribution in distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
        if name not in {"voc-pipeline", "pip", "setuptools"}:
            found[name] = distribution.version.partition("+")[0]
    TARGET.write_text(HEAD + "".join(f"{name}=={found[name]}\n" for name in sorted(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
