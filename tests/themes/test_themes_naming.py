from __future__ import annotations

import json
import subprocess
import sys
import warnings

import numpy as np

from voc_pipeline.themes.naming import label_of, topic_terms

AUDIT = [
    "Um, the audit trail doesn't cover it, you know",
    "We've lost the audit trail again, [PERSON_7F3A9C] said",
    "yeah, no audit trail for the auditors, [PERSON_7F3A9C] again",
]
PUMP = [
    "The pump is so, like, loud",
    "Two pumps broke and one loud pump in b\u00fchler's lab",
    "It\u2019s loud, it's the pump, I can't think, squeak squeak squeak squeak",
]
TEXTS = [*AUDIT, *PUMP, "something else entirely about parking"]
LABELS = np.array([1, 1, 1, 0, 0, 0, -1])
VECTORS = np.eye(7, dtype=np.float32)


def test_terms_tell_topics_apart_and_follow_the_given_labels() -> None:
    terms = topic_terms(TEXTS, LABELS, VECTORS)
    assert terms[1][0] == "audit trail"
    assert {word for term in terms[0] for word in term.split()} == {"pump", "loud"}
    assert set(terms) == {0, 1}


def test_terms_hold_no_fillers_placeholders_contractions_or_words_of_one_passage() -> None:
    words = {word for terms in topic_terms(TEXTS, LABELS, VECTORS).values() for term in terms for word in term.split()}
    assert not words & {"um", "yeah", "like", "really", "doesn", "ve", "person_7f3a9c", "person", "squeak", "audit s"}


def test_singular_and_plural_stand_once() -> None:
    texts = ["the valve leaks", "valves break, one valve more", "a valve, other valves"]
    assert topic_terms(texts, np.zeros(3, dtype=np.intp), np.eye(3, dtype=np.float32))[0] == ("valve",)


def test_words_are_not_cut_to_ascii() -> None:
    texts = ["Z\u00fcrich's m\u00fcsli", "Z\u00fcrich m\u00fcsli", "m\u00fcsli from Z\u00fcrich"]
    terms = topic_terms(texts, np.zeros(3, dtype=np.intp), np.eye(3, dtype=np.float32))[0]
    assert {word for term in terms for word in term.split()} == {"z\u00fcrich", "m\u00fcsli"}


def test_topics_without_words_have_no_terms() -> None:
    texts = ["um yeah", "[PERSON_7F3A9C]", "so it is", ""]
    assert topic_terms(texts, np.array([0, 0, 0, -1]), np.eye(4, dtype=np.float32)) == {0: ()}
    mixed = topic_terms([*texts, "pump", "pump", "pump"], np.array([0, 0, 0, -1, 1, 1, 1]), np.eye(7, dtype=np.float32))
    assert mixed == {0: (), 1: ("pump",)}


def test_passages_that_share_no_word_give_single_words() -> None:
    texts = ["late invoice", "overdue bill", "unpaid account"]
    terms = topic_terms(texts, np.zeros(3, dtype=np.intp), np.eye(3, dtype=np.float32))[0]
    assert set(terms) == {"account", "bill", "invoice", "late", "overdue", "unpaid"}


def test_labels_read_well() -> None:
    assert label_of(("audit trail", "software", "validation", "annex")) == "Audit trail, software, validation"
    assert label_of(("pump",)) == "Pump"
    assert label_of(()) == "Unnamed topic"


def test_naming_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert topic_terms(TEXTS, LABELS, VECTORS)


_PROGRAM = """
import json, sys, warnings
import numpy as np
filters = list(warnings.filters)
from voc_pipeline.themes.naming import topic_terms
topic_terms(["red pump", "red pump", "red pump"], np.zeros(3, dtype=np.intp), np.eye(3, dtype=np.float32))
heavy = {"umap", "hdbscan", "numba", "torch", "transformers", "spacy", "sentence_transformers"}
added = [entry[2].__name__ for entry in warnings.filters if entry not in filters and entry[:2] == ("ignore", None)]
print(json.dumps({"heavy": sorted(heavy & sys.modules.keys()), "ignored": added,
                  "hooks": [type(f).__name__ for f in sys.meta_path], "bertopic": "bertopic" in sys.modules}))
"""


def test_bertopic_comes_without_its_heavy_parts_and_leaves_no_traces() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout)
    assert seen["bertopic"]
    assert seen["heavy"] == []
    assert seen["ignored"] == []
    assert "_LeftOut" not in seen["hooks"]
    assert done.stderr == ""
