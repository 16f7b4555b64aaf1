from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.config import StudySettings, load_settings
from voc_pipeline.errors import ConfigError
from voc_pipeline.operations.setup import settings_template
from voc_pipeline.records import ReadingOptions

if TYPE_CHECKING:
    from pathlib import Path


def problem(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    (folder / "voc.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(folder, environ or {})
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_no_file_means_every_default(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}) == StudySettings()


def test_file_and_environment_are_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "voc.toml").write_text('[inbox]\nstable_seconds = 3.0\n[study]\ntitle = "NA"\n', encoding="utf-8")
    environ = {"VOC_INBOX__STABLE_SECONDS": "1.5", "VOC_STORE__URL": "sqlite:///x.db", "VOC_OTHER": "ignored"}
    settings = load_settings(tmp_path, environ)
    assert (settings.inbox.stable_seconds, settings.study.title) == (1.5, "NA")
    assert settings.store.url == "sqlite:///x.db"


def test_how_tables_and_json_files_are_laid_out_reaches_the_readers(tmp_path: Path) -> None:
    (tmp_path / "voc.toml").write_text(
        '[formats]\ntext_columns = ["Was"]\njson_turns = "a[].turns"\njson_text = "said"\ntime_unit = "seconds"\n',
        encoding="utf-8",
    )
    settings = load_settings(tmp_path, {"VOC_FORMATS__SPEAKER_COLUMNS": '["Wer"]'})
    assert settings.formats.options() == ReadingOptions(
        text_columns=("Was",),
        speaker_columns=("Wer",),
        json_turns="a[].turns",
        json_text="said",
        milliseconds=False,
    )
    assert StudySettings().formats.options() == ReadingOptions()
    assert settings.fingerprint("formats") != StudySettings().fingerprint("formats")


def test_a_misspelt_key_names_file_line_and_nearest_key(tmp_path: Path) -> None:
    message = problem(tmp_path, "[inbox]\nscan_seconds = 5.0\nstable_secnds = 5.0\n")
    assert f"{tmp_path / 'voc.toml'}, line 3: unknown key 'inbox.stable_secnds'" in message
    assert "Did you mean 'stable_seconds'? Accepted: stable_seconds, scan_seconds, max_file_mb" in message


def test_a_misspelt_section_names_the_nearest_section(tmp_path: Path) -> None:
    message = problem(tmp_path, '\n[segmets]\nattributes = ["role"]\n')
    assert "line 2: unknown key 'segmets'" in message
    assert "Did you mean 'segments'?" in message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[inbox]\nstable_seconds = -1.0\n", ["line 2", "greater than or equal to 0, found -1.0", "at least 0"]),
        ('[inbox]\nmax_file_mb = "many"\n', ["line 2", "valid integer, found 'many'", "at most 1000"]),
        ('[schedule]\ntime_zone = "Europe/Zuerich"\n', ["no time zone is called", "did you mean 'Europe/Zurich'?"]),
        ('[schedule]\nnightly = "4am"\n', ["HH:MM", "found '4am'", "Default: '04:10'"]),
        ('[formats]\njson_text = "a..b"\n', ["line 2", "'formats.json_text'", "a path is written a.b[].c", "'a..b'"]),
        ('[formats]\njson_start = "at"\n', ["line 1", "'formats' is wrong: json_text, the path from a turn"]),
        ('[formats]\ntime_unit = "hours"\n', ["line 2", "'seconds' or 'milliseconds', found 'hours'"]),
        ('[formats]\ntext_columns = "Was"\n', ["line 2", "valid list, found 'Was'", "Headers of the column"]),
        ("[segments]\nattributes = 3\n", ["'segments.attributes' is wrong", "valid list, found 3"]),
        ("inbox = 3\n", ["line 1", "'inbox' is wrong"]),
        ("inbox.scan_seconds = 0.0\n", ["line 1", "at least 0.1"]),
    ],
)
def test_a_wrong_value_says_what_was_found_and_what_is_accepted(tmp_path: Path, text: str, parts: list[str]) -> None:
    message = problem(tmp_path, text)
    assert [part for part in parts if part not in message] == []


def test_a_wrong_environment_variable_is_named(tmp_path: Path) -> None:
    message = problem(tmp_path, "", {"VOC_INBOX__SCAN_SECONDS": "0"})
    assert message.startswith("environment variable VOC_INBOX__SCAN_SECONDS: ")


def test_what_is_not_toml_is_an_error_with_its_line(tmp_path: Path) -> None:
    assert "this is not TOML" in (message := problem(tmp_path, "[inbox]\nscan_seconds =\n"))
    assert "line 2" in message


def test_a_file_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "voc.toml").write_bytes(b"[study]\ntitle = '\xff'\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(tmp_path, {})


def test_the_store_url_is_not_shown_in_a_repr() -> None:
    settings = StudySettings.model_validate({"store": {"url": "postgresql://me:secret@host/db"}})
    assert "secret" not in repr(settings)


def test_the_template_explains_every_key_and_is_valid_when_uncommented(tmp_path: Path) -> None:
    lines = settings_template().splitlines()
    (tmp_path / "voc.toml").write_text(
        "\n".join(line[2:] if " = " in line and line.startswith("# ") else line for line in lines), encoding="utf-8"
    )
    assert load_settings(tmp_path, {}) == StudySettings()
    keys = sum(len(type(getattr(StudySettings(), name)).model_fields) for name in StudySettings.model_fields)
    assert sum(" = " in line for line in lines) == keys
