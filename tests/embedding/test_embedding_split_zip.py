from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voc_pipeline.embedding import split_zip
from voc_pipeline.embedding.split_zip import unpacked
from voc_pipeline.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"model.safetensors": bytes(range(256)) * 40, "config.json": b'{"model_type": "tiny"}'}
PACKAGES = ("voc-zip-part-001", "voc-zip-part-002", "voc-zip-part-003")


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(f"tiny/{name}", data)
        archive.writestr("tiny/other.txt", b"not wanted")
    return stream.getvalue()


def install(site: Path, data: bytes) -> None:
    """Lay the zip out in three distributions that must not be imported."""
    size = len(data) // 3 + 1
    for number, package in enumerate(PACKAGES):
        folder = site / package.replace("-", "_")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
        (folder / f"tiny.zip.00{number + 1}").write_bytes(data[number * size : (number + 1) * size])
        info = site / f"{folder.name}-1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        record = f"{folder.name}/__init__.py,,\n{folder.name}/tiny.zip.00{number + 1},,\n"
        (info / "RECORD").write_text(record, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    install(folder, zipped())
    monkeypatch.syspath_prepend(str(folder))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_files_are_unpacked_whole_and_nothing_else_is_left(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "deep" / "tiny"
    assert site.is_dir()
    assert unpacked(PACKAGES, "tiny", files=FILES, folder=folder)
    assert contents(folder) == FILES
    assert list(folder.parent.iterdir()) == [folder]


def test_what_is_there_stays_as_it_is_and_what_is_gone_comes_back(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    first, *others = FILES
    (folder / first).write_bytes(b"changed")
    assert site.is_dir()
    assert unpacked(PACKAGES, "tiny", files=FILES, folder=folder)
    assert contents(folder) == {**FILES, first: b"changed"}
    assert others
    assert list(tmp_path.glob("tmp*")) == []
    (site / "voc_zip_part_002" / "tiny.zip.002").unlink()
    assert unpacked(PACKAGES, "tiny", files=FILES, folder=folder)
    (folder / first).unlink()
    assert not unpacked(PACKAGES, "tiny", files=FILES, folder=folder)


def test_a_missing_part_a_missing_file_of_it_or_another_zip_gives_no_folder(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "tiny"
    assert not unpacked([*PACKAGES, "voc-zip-part-004"], "tiny", files=FILES, folder=folder)
    assert not unpacked(PACKAGES, "tiny", files=[*FILES, "none.json"], folder=folder)
    assert not unpacked(PACKAGES, "huge", files=FILES, folder=folder)
    (site / "voc_zip_part_002" / "tiny.zip.002").unlink()
    assert not unpacked(PACKAGES, "tiny", files=FILES, folder=folder)
    assert list((tmp_path / "cache").iterdir()) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(zipped()) - 1), value=st.integers(0, 255), cut=st.booleans())
def test_damage_is_never_an_error_nor_a_half_unpacked_folder(
    site: Path, tmp_path_factory: pytest.TempPathFactory, place: int, value: int, *, cut: bool
) -> None:
    data = zipped()
    install(site, data[:place] if cut else data[:place] + bytes([value]) + data[place + 1 :])
    cache = tmp_path_factory.mktemp("cache")
    done = unpacked(PACKAGES, "tiny", files=FILES, folder=cache / "tiny")
    assert [path.name for path in cache.iterdir()] == (["tiny"] if done else [])
    assert not done or contents(cache / "tiny").keys() == FILES.keys()


def test_two_processes_at_once_both_find_the_folder(site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "tiny"
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\nfrom pathlib import Path\n"
        "from voc_pipeline.embedding.split_zip import unpacked\n"
        f"print(unpacked({PACKAGES!r}, 'tiny', files={list(FILES)!r}, folder=Path({str(folder)!r})))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in "ab"]
    assert [process.communicate()[0].strip() for process in both] == ["True", "True"]
    assert contents(folder) == FILES
    assert list(folder.parent.iterdir()) == [folder]


def test_who_comes_second_takes_what_the_first_made(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache" / "tiny"
    own = split_zip._extract  # noqa: SLF001 (the moment between unpacking and moving)

    def overtaken(*args: object) -> bool:
        done = own(*args)  # type: ignore[arg-type]  # passed on as they came
        folder.mkdir()
        (folder / "config.json").write_bytes(b"the other's")
        return done

    monkeypatch.setattr(split_zip, "_extract", overtaken)
    assert site.is_dir()
    assert unpacked(PACKAGES, "tiny", files=FILES, folder=folder)
    assert contents(folder) == {**FILES, "config.json": b"the other's"}


def test_a_place_that_cannot_be_written_says_what_to_do(site: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert site.is_dir()
    with pytest.raises(ModelError, match=r"can't be unpacked: Not a directory.*XDG_CACHE_HOME"):
        unpacked(PACKAGES, "tiny", files=FILES, folder=tmp_path / "file" / "cache" / "tiny")
