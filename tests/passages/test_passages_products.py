from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import ConfigError
from voc_pipeline.passages.products import load_keep_list

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("", ("X",)),
        ("- LaneView\n- CytoLane 3\n", ("CytoLane 3", "LaneView", "X")),
        ("vendors: [Helixa]\nproducts: [LaneView, LaneView]\n", ("Helixa", "LaneView", "X")),
        ("products: [9300, ' Lane ']\nvendors:\n", ("9300", "Lane", "X")),
    ],
)
def test_accepted_shapes(tmp_path: Path, content: str, names: tuple[str, ...]) -> None:
    path = tmp_path / "products.yml"
    path.write_text(content)
    assert load_keep_list(path, ["X", " "]) == names


def test_a_missing_file_leaves_the_extra_names(tmp_path: Path) -> None:
    assert load_keep_list(tmp_path / "products.yml", ["B", "A"]) == ("A", "B")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"products: [a", "line 1: this is not YAML. Accepted: a list of names, or a mapping"),
        (b"just text", "a str stands where names should. Accepted: a list"),
        (b"brands: [a]", "unknown key 'brands'. Accepted: a list of names"),
        (b"products: LaneView", "products: a str stands where a list should. Accepted"),
        (b"- a\n- {b: c}", "entry 2 is a dict, not a name. Put a name that YAML"),
        (b"- yes", "entry 1 is a bool, not a name"),
        (b"- caf\xe9", "the file is not UTF-8. Save it as UTF-8"),
    ],
)
def test_anything_else_says_what_is_accepted(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "products.yml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_keep_list(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the file can't be read: Is a directory\. Check its permissions"):
        load_keep_list(tmp_path)
