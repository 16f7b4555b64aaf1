"""The page over all runs of a reports folder, made of what stands in it: manifests in, HTML out."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from voc_pipeline.errors import VocError
from voc_pipeline.report import wording
from voc_pipeline.report.durable import write_whole
from voc_pipeline.report.html import TEMPLATES
from voc_pipeline.report.manifest import is_folder_name, read_manifest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from jinja2 import Environment

    from voc_pipeline.report.manifest import Manifest, ManifestFacts

INDEX = "index.html"
MARKER = "<!doctype html><!-- index of voc_pipeline's reports -->"
"""First line of every index of ours: no other page is ever overwritten."""
_PAGES = (("report.html", "Read the report"), ("report.xlsx", "Excel"), ("report.pptx", "Slides"))
_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A file of a report: what it is, and its address relative to the index."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One run, drafts and release together.

    ``anchor`` is a fragment id, ``sanction`` says who released it and when, ``note`` what they had to say, ``changes``
    what is new against the run before. ``links`` lead to the released report where there is one, ``draft_links`` to
    the draft beside it.
    """

    anchor: str
    published: str
    status: str
    sanction: str
    note: str
    interviews: str
    changes: tuple[str, ...]
    links: tuple[Link, ...]
    draft_links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """A run's folders by whether they are released, with their manifests."""

    folders: Mapping[bool, tuple[str, Manifest]]

    @property
    def shown(self) -> tuple[str, Manifest]:
        return self.folders.get(True) or self.folders[False]

    @property
    def facts(self) -> ManifestFacts:
        return self.shown[1].facts


def write_index(folder: Path, title: str) -> Path:
    """Write index.html over all reports in a folder, in one step; the same reports give the same bytes.

    Raises:
        OSError: It can't be written; what stood there stands there still.
    """
    path = folder / INDEX
    write_whole(path, render_index(title, index_rows(folder)))
    return path


def reports_in(folder: Path) -> list[tuple[str, Manifest]]:
    """List the reports of a folder by name, with their manifests; what is none, or is damaged, is passed over."""
    found = []
    for path in sorted(folder.iterdir()):
        if is_folder_name(path.name) and path.is_dir():
            try:
                manifest = read_manifest(path)
                wording.long_date(manifest.facts.published_at)
            except (VocError, ValueError):
                continue
            found.append((path.name, manifest))
    return found


def index_rows(folder: Path) -> tuple[IndexRow, ...]:
    """List all runs of a folder, newest first. Folders that are no reports, or damaged ones, are passed over."""
    found: dict[str, dict[bool, tuple[str, Manifest]]] = {}
    for name, manifest in reports_in(folder):
        sanction = manifest.facts.sanction
        run = sanction.release_of if sanction else name
        found.setdefault(run, {})[sanction is not None] = name, manifest
    runs = sorted((_Run(folders) for folders in found.values()), key=lambda run: (run.facts.published_at, run.shown[0]))
    before = [None, *runs]
    return tuple(_row(run, earlier) for run, earlier in reversed(list(zip(runs, before, strict=False))))


def _row(run: _Run, before: _Run | None) -> IndexRow:
    name, manifest = run.shown
    facts, draft = manifest.facts, run.folders.get(False)
    sanction = facts.sanction
    return IndexRow(
        anchor=name,
        published=wording.long_date(facts.published_at),
        status=facts.status,
        sanction=f"Released by {sanction.released_by} on {_date(sanction.released_at)}" if sanction else "",
        note=sanction.release_note if sanction else "",
        interviews=_interviews(facts.coverage),
        changes=_changes(facts, before.facts) if before else (),
        links=_links(name, manifest.files),
        draft_links=_links(draft[0], draft[1].files) if sanction and draft else (),
    )


def _date(moment: str) -> str:
    try:
        return wording.long_date(moment)
    except ValueError:
        return moment


def _links(name: str, files: Collection[str]) -> tuple[Link, ...]:
    return tuple(Link(label, f"{name}/{file}") for file, label in _PAGES if file in files)


def _interviews(coverage: Mapping[str, int]) -> str:
    said = [f"{wording.counted(coverage.get('coded', 0), 'interview')} read"]
    if waiting := coverage.get("attention", 0):
        said.append(f"{wording.counted(waiting, 'file')} {'needs' if waiting == 1 else 'need'} attention")
    if refused := coverage.get("refused", 0):
        said.append(f"{wording.counted(refused, 'file')} could not be read")
    return ", ".join(said)


def _changes(now: ManifestFacts, before: ManifestFacts) -> tuple[str, ...]:
    """Say what is new: files, mentions, and settings or models that may be why."""
    changed = sorted(name for name, sha256 in now.inputs.items() if before.inputs.get(name, sha256) != sha256)
    told = [
        _files(sorted(set(now.inputs) - set(before.inputs)), "new"),
        _files(changed, "changed"),
        _files(sorted(set(before.inputs) - set(now.inputs)), "gone"),
        _mentions(now.rows.get("mentions"), before.rows.get("mentions")),
        "settings changed" if now.settings_hash != before.settings_hash else "",
        "models changed" if now.model_hashes != before.model_hashes else "",
    ]
    return tuple(filter(None, told)) or ("nothing new in files, mentions, settings and models",)


def _files(names: Sequence[str], what: str) -> str:
    if not names:
        return ""
    shown = list(names[:_NAMES_SHOWN])
    if len(names) > _NAMES_SHOWN:
        shown.append(f"{len(names) - _NAMES_SHOWN} more")
    return f"{wording.counted(len(names), 'file')} {what}: {wording.listing(shown)}"


def _mentions(now: int | None, before: int | None) -> str:
    if now is None or before is None or now == before:
        return ""
    difference = f"{wording.whole_number(abs(now - before))} {'more' if now > before else 'fewer'}"
    return f"{wording.counted(now, 'mention')}, {difference} than before"


def render_index(title: str, rows: Sequence[IndexRow]) -> str:
    """Print the page: self-contained, under a policy that allows its own style and nothing else."""
    environment = _environment()
    style = environment.get_template("index.css").render()
    sha256 = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{sha256}'; base-uri 'none'; form-action 'none'"
    return MARKER + "\n" + environment.get_template(INDEX).render(title=title, rows=rows, policy=policy) + "\n"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (only a new index needs it)

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
