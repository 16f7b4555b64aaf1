"""How a reading process and its owner talk: frames of bytes, JSON inside. What comes back is checked like any input."""

from __future__ import annotations

import json
import struct
import time
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Any

from voc_pipeline.records import LossReport, RawTranscript, ReadingOptions, Utterance

if TYPE_CHECKING:
    import socket

_LENGTH = struct.Struct("!Q")
_CHUNK = 1 << 20
MAX_FRAME = 1_100_000_000
"""Longest frame in bytes: a little over the largest file that ``inbox.max_file_mb`` can allow."""


class Kind(bytes, Enum):
    """First byte of a reply: how the reading ended."""

    READ = b"R"
    ERROR = b"E"
    FAILED = b"F"
    MEMORY = b"M"
    CPU = b"C"
    WALL = b"W"
    CRASH = b"X"


def send(channel: socket.socket, payload: bytes) -> None:
    """Send one frame.

    Raises:
        OSError: The other side is gone, or a time limit set on the channel has passed.
    """
    channel.sendall(_LENGTH.pack(len(payload)))
    channel.sendall(payload)


def receive(channel: socket.socket, *, until: float | None = None) -> bytes:
    """Take one frame.

    Args:
        channel: Where it comes from.
        until: When the whole of it must be there, in monotonic seconds.

    Raises:
        EOFError: The other side is gone.
        TimeoutError: It took too long.
        OSError: The other side is gone.
    """
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size, until))
    if length > MAX_FRAME:
        raise EOFError  # no such frame is ever sent: the other side has lost its mind
    return _exactly(channel, length, until)


def _exactly(channel: socket.socket, length: int, until: float | None) -> bytes:
    content = bytearray()
    while len(content) < length:
        if until is not None:
            channel.settimeout(max(0.001, until - time.monotonic()))
        chunk = channel.recv(min(_CHUNK, length - len(content)))
        if not chunk:
            raise EOFError
        content += chunk
    return bytes(content)


def dump_request(name: str, options: ReadingOptions) -> bytes:
    """Write what is asked of the reading process besides the file's bytes, which are a frame of their own."""
    return json.dumps({"name": name, "options": asdict(options)}).encode("ascii")


def load_request(data: bytes) -> tuple[str, ReadingOptions]:
    """Read what ``dump_request`` wrote; its owner is trusted."""
    fields = json.loads(data)
    options: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in fields["options"].items()
    }
    return fields["name"], ReadingOptions(**options)


def dump_transcript(raw: RawTranscript) -> bytes:
    """Write a raw transcript as JSON, in ASCII: lone surrogates survive."""
    loss = raw.loss
    fields = {
        "utterances": [[piece.speaker, piece.text, piece.start_seconds] for piece in raw.utterances],
        "metadata": dict(raw.metadata),
        "loss": [loss.lines_seen, loss.lines_attributed, [list(pair) for pair in loss.dropped], loss.inferred_speakers],
        "warnings": list(raw.warnings),
    }
    return json.dumps(fields, separators=(",", ":"), allow_nan=False).encode("ascii")


def load_transcript(data: bytes) -> RawTranscript:
    """Read what ``dump_transcript`` wrote, trusting nothing.

    Raises:
        ValueError: It is anything else. The message holds none of it.
    """
    try:
        fields = json.loads(data)
        seen, attributed, dropped, inferred = fields["loss"]
        return RawTranscript(
            utterances=tuple(
                Utterance(_label(who), _text(said), _seconds(at)) for who, said, at in fields["utterances"]
            ),
            metadata={_text(name): _text(value) for name, value in fields["metadata"].items()},
            loss=LossReport(
                _count(seen), _count(attributed), tuple((_text(why), _count(n)) for why, n in dropped), _count(inferred)
            ),
            warnings=tuple(_text(warning) for warning in fields["warnings"]),
        )
    except (TypeError, KeyError, AttributeError, RecursionError, ValueError):
        msg = "the reading process sent no transcript"
        raise ValueError(msg) from None


def _text(value: Any) -> str:  # noqa: ANN401 (it checks what JSON may hold)
    if not isinstance(value, str):
        raise TypeError
    return value


def _label(value: Any) -> str | None:  # noqa: ANN401 (as above)
    return None if value is None else _text(value)


def _seconds(value: Any) -> float | None:  # noqa: ANN401 (as above)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise TypeError
    return None if value is None else value


def _count(value: Any) -> int:  # noqa: ANN401 (as above)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value
