"""A study, opened: its folder, settings, codebook, roster and store in one place."""

from __future__ import annotations

import difflib
import os
import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.config import StudyPaths, StudySettings, load_settings, read_study_file
from voc_pipeline.errors import ConfigError, StoreError, UsageError
from voc_pipeline.ingest.roster import Roster, load_roster
from voc_pipeline.operations import keys
from voc_pipeline.passages.products import load_keep_list
from voc_pipeline.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from voc_pipeline.records import Codebook

_KEY_BYTES = 32
_NUMBERING = re.compile(r"\s*(?:[-*\u2022]|\(?\d+(?:\.\d+)*[.):]|\d+(?:\.\d+)+)\s+")  # "1.", "2)", "3.1", "-"


def utc_now() -> str:
    """The time, in UTC to the second, as ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Study:
    """What every operation needs. Made by ``open_study``; reading its files is lazy and happens once.

    ``now`` gives the time as ISO 8601; tests inject their own.
    """

    paths: StudyPaths
    settings: StudySettings
    store: Store
    now: Callable[[], str] = field(default=utc_now)

    @property
    def title(self) -> str:
        """Title of the report."""
        return self.settings.study.title or self.paths.root.resolve().name

    @cached_property
    def codebook(self) -> Codebook:
        """The study's codebook, else the shipped one."""
        return load_codebook(self.paths.codebook if self.paths.codebook.exists() else None)

    @cached_property
    def roster(self) -> Roster:
        """The study's roster; empty when there is none."""
        return load_roster(self.paths.inbox, self.paths.root)

    @cached_property
    def keep(self) -> tuple[str, ...]:
        """Names that are never pseudonymised."""
        return load_keep_list(self.paths.products, [*self.settings.privacy.keep, *self.codebook.products])

    @cached_property
    def guide(self) -> tuple[str, ...]:
        """The interview guide's questions, from ``guide.txt``, one a line without its number; none without the file.

        Raises:
            ConfigError: The file can't be read, or is not UTF-8.
        """
        text = read_study_file(self.paths.root / "guide.txt")
        lines = (_NUMBERING.sub("", line).strip() for line in text.splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))

    @cached_property
    def key(self) -> bytes:
        """The key of this study's placeholders, made on first use and readable by its owner only."""
        path = self.paths.keys / "pseudonyms.key"
        if not path.exists():
            self.paths.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_once(path, secrets.token_bytes(_KEY_BYTES))
        key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise StoreError(
                f"the key of the placeholders has {len(key)} bytes instead of {_KEY_BYTES}",
                where=str(path),
                hint="Put it back from a backup; without it, delete the study's data folder and run again",
            )
        return key

    @cached_property
    def reading_key(self) -> str:
        """Part of the key of reading that is the same for every file."""
        return keys.reading_key(self)


def _write_once(path: Path, content: bytes) -> None:
    """Write a secret so that another process making it at the same moment wins or loses as a whole."""
    temporary = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        return  # the other process's key stands
    except OSError:  # a file system without hard links
        temporary.replace(path)
        return
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def open_study(root: Path, *, now: Callable[[], str] = utc_now) -> Iterator[Study]:
    """Open a study folder. Wrong settings are found before anything is written.

    Raises:
        UsageError: The folder has no ``inbox/``.
        ConfigError: voc.toml, codebook, roster or products file is wrong.
        StoreError: The database can't be opened.
    """
    study_files = check_study(root)
    paths, settings = study_files
    url = settings.store.url or f"sqlite:///{paths.database.resolve()}"
    with Store(url) as store:
        yield Study(paths, settings, store, now)


def check_study(root: Path) -> tuple[StudyPaths, StudySettings]:
    """Read and check all that a person writes for a study, touching nothing.

    Raises:
        UsageError: The folder has no ``inbox/``.
        ConfigError: voc.toml, codebook, roster or products file is wrong.
    """
    paths = StudyPaths(root)
    if not paths.inbox.is_dir():
        if paths.data.is_dir():
            raise UsageError(
                "the inbox is gone: nothing is read, and nothing that was read is lost",
                where=str(paths.inbox),
                hint="Mount the share again, or bring the folder back",
            )
        raise UsageError(
            "this is no study: it has no folder 'inbox'",
            where=str(root),
            hint="Run 'voc init' there, or name the study's folder: voc run DIR",
        )
    settings = load_settings(root)
    _check_attributes(settings, load_roster(paths.inbox, root), paths)
    load_keep_list(paths.products, settings.privacy.keep)
    if paths.codebook.exists():
        load_codebook(paths.codebook)
    return paths, settings


def _check_attributes(settings: StudySettings, roster: Roster, paths: StudyPaths) -> None:
    """Find a misspelt attribute before anything is read. One that no roster column is like may come from a file."""
    known = [*roster.columns, *settings.segments.folders]
    for name in settings.segments.attributes:
        nearest = difflib.get_close_matches(name, known, n=1)
        if name not in known and nearest:
            raise ConfigError(
                f"'segments.attributes' names {name!r}, which no participant has",
                where=str(paths.settings),
                hint=f"Did you mean {nearest[0]!r}? Columns of the roster: {', '.join(roster.columns)}",
            )
