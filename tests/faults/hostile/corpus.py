"""Makes a folder of hostile interview transcripts.

Designed from issue 3 ("Hostile files") and ops.md sections 1 and 4 alone, without a look at any reader.

What stands where, for ``generate(inbox)``:
    ``inbox/``: the hostile files, some in folders of their own (folder names, loops, depth).
    ``inbox_studies/<case>/``: whole small studies, for rosters, settings and codebooks that would spoil all
        others; ``case.path`` is the hostile file and ``inbox/interview_01.vtt`` beside it an honest one.
    ``inbox_outside/``: what links and entities point at. The word CANARY holds must reach no table, no byte may change.

What is expected (``Case.expect``):
    ``refused``: listed with a reason and nothing of it coded (outcome refused or attention).
    ``parsed``: its words are read; coding may wait for a roster row.
    ``ignored``: no transcript comes of it; it may be mentioned with a reason, or not at all.
    ``either``: any of the three, but it ends, and within the limits of one file.

Never copy the tree with tools that follow links or read special files (it holds FIFOs, a device, sparse files and
a link to /dev/zero); generate it where it is needed. For root the chmod 000 cases are readable: "either".
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.hostile import archives, documents, names, pdfs, texts
from tests.faults.hostile.texts import RENDER, Scale, as_vtt, talk

if TYPE_CHECKING:
    from tests.faults.hostile.texts import Expect

CANARY = "hostile canary 7f3a91"
VICTIM = b"hostile canary 7f3a91: this file stays as it is\n"
MECHANISMS, FILES = 40, 150


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile thing, where it lies and how it should end."""

    name: str
    mechanism: str
    path: Path
    expect: Expect
    note: str = ""


@dataclass(slots=True)
class Sink:
    """Where cases are written and recorded; nothing that exists is ever overwritten or followed."""

    folder: Path
    size: Scale
    cases: list[Case] = field(default_factory=list)

    @property
    def outside(self) -> Path:
        """Return the folder that links and entities point at."""
        return self.folder.with_name(self.folder.name + "_outside")

    def write(self, path: Path, data: bytes) -> None:
        """Write a new file, and its folder if need be.

        Raises:
            FileExistsError: Something has that name already.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)

    def record(self, name: str, mechanism: str, path: Path, *, expect: Expect, note: str = "") -> None:
        """Add a case that is on disk already."""
        self.cases.append(Case(name, mechanism, path, expect, note))

    def study(self, name: str, file: str, mechanism: str, data: bytes | None) -> Path:
        """Make a study of one honest interview and one hostile file (None: the caller makes it)."""
        root = self.folder.with_name(self.folder.name + "_studies") / name
        self.write(root / "inbox" / "interview_01.vtt", as_vtt(talk(name)).encode())
        if data is not None:
            self.write(root / file, data)
        note = f"own study {root}: interview_01.vtt is coded or waits, with a reason"
        self.record(name, mechanism, root / file, expect="either", note=note)
        return root / file


def generate(folder: Path, *, scale: float = 1.0) -> list[Case]:
    """Write the corpus into an empty or new folder, and its studies and link targets beside it.

    Args:
        folder: The inbox; its siblings ``<name>_studies`` and ``<name>_outside`` are made too.
        scale: Factor on all sizes; below 1 a file may stay within its cap and then expects "either".

    Returns:
        Every case, in an order and with bytes that depend on the scale alone.

    Raises:
        FileExistsError: The folder holds a corpus already.
    """
    sink = Sink(folder.absolute(), Scale(scale))
    folder.mkdir(parents=True, exist_ok=True)
    secret = as_vtt([*talk("secret"), ("Participant", f"This is the {CANARY}.")])
    sink.write(sink.outside / "secret_interview.vtt", secret.encode())
    sink.write(sink.outside / "shared_interview.vtt", as_vtt(talk("shared")).encode())
    sink.write(sink.outside / "victim.txt", VICTIM)
    for module in (
        texts.cases,
        archives.cases,
        documents.cases,
        pdfs.cases,
        names.rows,
    ):
        for row in module(sink.size):
            path = sink.folder / row.filename
            sink.write(path, row.data)
            sink.record(row.filename, row.mechanism, path, expect=row.expect, note=row.note)
    names.build(sink)
    return sink.cases


def good(folder: Path) -> list[Path]:
    """Write five honest interviews of different formats, which must always be coded, and return their paths."""
    sink = Sink(folder.absolute(), Scale(1.0))
    made = {f"good_interview.{kind}": render(talk(f"good {kind}", 40)).encode() for kind, render in RENDER.items()}
    made["good_interview.docx"] = documents.docx(documents.spoken(talk("good docx", 40)))
    for name, data in made.items():
        sink.write(sink.folder / name, data)
    return [sink.folder / name for name in made]


def escaped(folder: Path) -> list[str]:
    """Return what a run over the corpus did that it must never do: files written or changed outside the inbox."""
    outside = Sink(folder.absolute(), Scale(1.0)).outside
    places = {
        Path.cwd(),
        Path.home(),
        Path("/"),
        Path(tempfile.gettempdir()),
        folder.absolute(),
        folder.absolute().parent,
    }
    found = [str(path) for place in sorted(places) for path in place.glob(f"{archives.ESCAPE}*")]
    if (outside / "victim.txt").read_bytes() != VICTIM:
        found.append("victim.txt was changed through a link")
    if {path.name for path in outside.iterdir()} != {"secret_interview.vtt", "shared_interview.vtt", "victim.txt"}:
        found.append(f"{outside} holds new files")
    return found
