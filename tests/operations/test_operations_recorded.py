"""Rows of the contract's tables as the store's records give them."""

from __future__ import annotations

from voc_pipeline.ids import PassageId, TopicId
from voc_pipeline.operations.recorded import topic_rows
from voc_pipeline.records import Topic


def test_a_topic_made_before_an_interview_was_replaced_names_only_passages_that_are_there() -> None:
    gone = (PassageId("pa_gone"),)
    [row] = topic_rows([Topic(TopicId("tp_1"), "Parking", ("car",), gone, gone, 0.5)], [], {})
    assert (row["passages"], row["participants"], row["examples"]) == (0, 0, "")
