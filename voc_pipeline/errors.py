"""Errors that teach: what failed, where, and what to do about it.

A message never carries interview text: only file names, line numbers, field names and counts.
"""

from __future__ import annotations


class VocError(Exception):
    """A failure with a place and a way out.

    Args:
        what: What failed and what was found, one sentence without a full stop.
        where: File, line, key or command at which it happened.
        hint: What is accepted and what to do next.
    """

    exit_code = 3

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(what, where, hint)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f". {self.hint}" if self.hint else ""
        return f"{place}{self.what}{advice}"


class ConfigError(VocError):
    """Wrong settings, codebook or products file: nothing was written."""

    exit_code = 2


class UsageError(VocError):
    """A command was called in a way it can't serve."""

    exit_code = 2


class RefusedError(VocError):
    """A transcript that can't be read at all; the batch goes on without it."""

    exit_code = 1


class AttentionError(VocError):
    """A readable transcript that waits for a person, e.g. to say who speaks."""

    exit_code = 1


class LaterError(VocError):
    """A file that can't be read now, but may be later: locked, the disk is full, the share is gone, a read hangs.

    Nothing is stored of it, so the next scan finds it due again.
    """

    exit_code = 1


class ModelError(VocError):
    """A model file is missing, or its hash is not the manifest's."""


class StoreError(VocError):
    """The database can't be used as it is."""


class BusyError(VocError):
    """Another process writes to this study."""
