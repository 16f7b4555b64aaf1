"""The design rules that can be checked by a machine are checked here, with no exceptions granted."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    path for folder in ("voc_pipeline", "flows", "benchmarks", "models") for path in (ROOT / folder).rglob("*.py")
)
PACKAGE = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in {"voc_pipeline", "flows"}]
LINES_A_FUNCTION, LINES_A_MODULE, LINES_A_FLOW, ARGUMENTS = 50, 400, 120, 6
HEAVY = ("torch", "spacy", "bertopic", "presidio_analyzer", "prefect", "sentence_transformers", "sklearn")


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_import_contracts_hold_with_no_ignores() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_functions_and_modules_stay_small() -> None:
    long_modules = [
        path.name for path in SOURCES if len(path.read_text(encoding="utf-8").splitlines()) > LINES_A_MODULE
    ]
    long_functions = [
        f"{path.name}:{node.name}"
        for path in SOURCES
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > LINES_A_FUNCTION
    ]
    assert long_modules == []
    assert long_functions == []


def test_flows_stay_thin() -> None:
    assert all(len(path.read_text().splitlines()) <= LINES_A_FLOW for path in (ROOT / "flows").glob("*.py"))


def test_functions_take_few_arguments_and_options_by_keyword() -> None:
    too_many = []
    for path in PACKAGE:
        for node in functions(path):
            given = [argument for argument in node.args.args if argument.arg not in {"self", "cls"}]
            if len(given) + len(node.args.kwonlyargs) > ARGUMENTS:
                too_many.append(f"{path.name}:{node.name}")
    assert too_many == []


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    assert [path for path in SOURCES if path.stem in {"utils", "helpers", "common", "misc"}] == []


def test_every_exception_to_a_rule_names_the_rule_and_its_reason() -> None:
    marks = re.compile(r"# (noqa|type: ignore)(.*)")
    bare = []
    for path in [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found = marks.search(line)
            if found and "marks = re.compile" not in line and not re.match(r"(: [A-Z]|\[).*(\(|#).+", found[2]):
                bare.append(f"{path.relative_to(ROOT)}:{number}")
    assert bare == []


def test_nothing_unpickles_evaluates_or_loads_yaml_unsafely() -> None:
    banned = re.compile(r"\b(pickle|joblib|dill|marshal)\b|\beval\(|\bexec\(|yaml\.load\(|torch\.load\(")
    found = [path.name for path in PACKAGE if banned.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_templates_are_never_marked_safe() -> None:
    templates = sorted((ROOT / "voc_pipeline").rglob("templates/*.html*"))
    assert templates
    assert [path.name for path in templates if re.search(r"\|\s*safe\b|autoescape", path.read_text())] == []


def test_pins_that_break_things_stand_in_pyproject_and_every_version_in_constraints() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies = " ".join(project["dependencies"])
    assert all(pin in dependencies for pin in ("torch==2.13.0", "fastapi<0.155", "<2.1", "prefect==3.8.8"))
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=~ ]", line)[0].lower().replace("_", "-") for line in wanted}
    assert names - pinned == set()


@pytest.mark.parametrize("statement", ["import voc_pipeline", "import voc_pipeline.cli.main", "import flows"])
def test_importing_costs_no_heavy_library(statement: str) -> None:
    heavy = [name for name in HEAVY if not (statement == "import flows" and name == "prefect")]
    code = f"{statement}; import sys; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
