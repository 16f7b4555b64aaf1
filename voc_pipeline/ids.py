"""Content-derived typed ids: the same input gives the same id on any machine."""

from __future__ import annotations

import hashlib
from typing import NewType

TranscriptId = NewType("TranscriptId", str)
ParticipantId = NewType("ParticipantId", str)
PassageId = NewType("PassageId", str)
MentionId = NewType("MentionId", str)
ThemeId = NewType("ThemeId", str)
TopicId = NewType("TopicId", str)
WorkKey = NewType("WorkKey", str)
RunId = NewType("RunId", str)

_HEX_DIGITS = 32  # 128 bits


def digest(*parts: str | bytes | int) -> str:
    """Hash parts so that no two different sequences of parts can meet.

    Args:
        parts: Strings (hashed as UTF-8, lone surrogates allowed), bytes or integers. Each is prefixed with its
            type and byte length, so ``("ab", "c")`` and ``("a", "bc")`` differ.

    Returns:
        64 lower-case hex digits (SHA-256).
    """
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, bytes):
            tag, data = b"b", part
        elif isinstance(part, int):
            tag, data = b"i", str(part).encode()
        else:
            tag, data = b"s", part.encode("utf-8", "surrogatepass")
        sha.update(tag + len(data).to_bytes(8, "big") + data)
    return sha.hexdigest()


def make_id(kind: str, *parts: str | bytes | int) -> str:
    """Make ``kind_<32 hex digits>`` from the parts that identify a thing.

    Args:
        kind: Short lower-case prefix, part of the hash as well: ``tr``, ``ps``, ``mn``, ``tp``, ``run``.
        parts: What identifies the thing, in a fixed order.

    Raises:
        ValueError: No parts, or a kind that is not lower-case letters.
    """
    if not parts or not (kind.isascii() and kind.isalpha() and kind.islower()):
        msg = f"an id needs a lower-case kind and at least one part, got {kind!r} and {len(parts)} parts"
        raise ValueError(msg)
    return f"{kind}_{digest(kind, *parts)[:_HEX_DIGITS]}"


def transcript_id(sha256: str) -> TranscriptId:
    """Identify a transcript by the SHA-256 of its file's bytes (64 hex digits)."""
    return TranscriptId(make_id("tr", sha256))


def passage_id(transcript: TranscriptId, turn: int, start: int, end: int) -> PassageId:
    """Identify a passage by its place: turn number from 1, code-point offsets in the turn's text of record."""
    return PassageId(make_id("ps", transcript, turn, start, end))


def mention_id(transcript: TranscriptId, turn: int, theme: ThemeId) -> MentionId:
    """Identify a mention: one theme in one turn, whoever coded it and with which version."""
    return MentionId(make_id("mn", transcript, turn, theme))
