"""Who is who is settled in the main process: a crowd must not keep it busy."""

from __future__ import annotations

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.reading import MAX_SPEAKERS, read_transcript


def crowd(size: int) -> bytes:
    return "".join(f"Person {number}: hello there\n" for number in range(size)).encode()


def test_a_crowd_is_refused_and_one_person_less_is_not() -> None:
    assert len(read_transcript(crowd(MAX_SPEAKERS), name="a.txt").utterances) == MAX_SPEAKERS
    with pytest.raises(RefusedError, match="the transcript has 201 speakers, the limit is 200") as caught:
        read_transcript(crowd(MAX_SPEAKERS + 1), name="a.txt")
    assert "one file an interview" in caught.value.hint
