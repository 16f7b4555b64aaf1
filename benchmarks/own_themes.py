"""Measures a codebook of one's own on interviews: ``python -m benchmarks.own_themes [PROFILE...]``.

ten_themes/codebook.yaml has ten themes that no coder was trained for, as a user might write them: a definition, cases,
three or four examples. ten_themes/codes.jsonl says which answers of validation interviews carry them: one code a line,
each by one language model that saw the interviews and the codebook only. Themes are drawn into codebooks of several
sizes, since a small codebook has less to compare with. Micro-F1, precision and recall of turn x theme as the product
decides, mentions found for each code there is, and F1 at the threshold from the review floor up that would suit best.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.unseen import best_f1, micro_f1
from models.training.data import load_validation
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.coding.heads import load_theme_heads
from voc_pipeline.coding.speeches import RememberingSentences
from voc_pipeline.coding.unseen import UnseenThemeCoder
from voc_pipeline.embedding.speech import load_speech_encoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from benchmarks.unseen import Labels
    from voc_pipeline.records import Codebook, CodingUnit

FOLDER = Path(__file__).parent / "ten_themes"
SIZES, DRAWS = (1, 2, 4, 7, 10), 10


@dataclass(frozen=True, slots=True)
class Coded:
    """Answers and who carries what: ``labels`` (units, themes), in the order of the codebook's themes."""

    units: tuple[CodingUnit, ...]
    labels: Labels


def main() -> None:
    """Print one line a size and profile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("profiles", nargs="*", default=["accurate", "fast"])
    profiles = parser.parse_args().profiles
    book = load_codebook(FOLDER / "codebook.yaml")
    data = read(book)
    print(f"{len(data.units)} answers, codes: {dict(zip(names(book), data.labels.sum(axis=0).tolist(), strict=True))}")
    for profile in profiles:
        trained = load_speech_encoder(profile)
        encoder, background = RememberingSentences(trained.broad), load_theme_heads(trained).background
        print(f"{profile}\n  themes  micro-F1  precision  recall  found for a code  best possible F1")
        for size in SIZES:
            figures = []
            for chosen in drawn(len(book.themes), size):
                coder = UnseenThemeCoder(encoder, [book.themes[place] for place in chosen], background)
                figures.append(measure(coder, data.units, names(book, chosen), data.labels[:, chosen]))
            print("  {:6d}  {:8.3f}  {:9.3f}  {:6.3f}  {:16.2f}  {:16.3f}".format(size, *np.mean(figures, axis=0)))


def drawn(count: int, size: int) -> list[npt.NDArray[np.int64]]:
    """Draw so many of ``count`` themes some times; each once where one is drawn, and all once."""
    if size in {1, count}:
        return list(np.arange(count).reshape(-1, size))
    return [np.sort(np.random.default_rng(seed).permutation(count)[:size]) for seed in range(DRAWS)]


def read(book: Codebook) -> Coded:
    """Read the interviews that were coded, and their codes."""
    codes = [json.loads(line) for line in (FOLDER / "codes.jsonl").read_text(encoding="utf-8").splitlines()]
    carried = {(code["id"], code["turn"], code["theme"]) for code in codes}
    interviews = {code["id"] for code in codes}
    statements = [one for one in load_validation() if one.group in interviews]
    labels = [[(one.group, one.number, theme) in carried for theme in names(book)] for one in statements]
    return Coded(tuple(one.unit for one in statements), np.array(labels))


def names(book: Codebook, places: Iterable[int] | None = None) -> list[str]:
    """List the ids of a codebook's themes, or of those at some places."""
    return [str(book.themes[place].theme_id) for place in (range(len(book.themes)) if places is None else places)]


def measure(
    coder: UnseenThemeCoder, units: Sequence[CodingUnit], themes: Sequence[str], labels: Labels
) -> tuple[float, float, float, float, float]:
    """Code answers: micro-F1, precision, recall, mentions found for each code, best possible F1."""
    rows = {unit.turn: row for row, unit in enumerate(units)}
    scores, found = np.zeros(labels.shape, dtype=np.float32), np.zeros(labels.shape, dtype=np.bool_)
    for hit in coder.code(units):
        place = rows[hit.turn], themes.index(hit.theme_id)
        scores[place], found[place] = hit.score, hit.accepted
    right, carried = int((labels & found).sum()), max(1, int(labels.sum()))
    best, _ = best_f1(labels, scores)
    return micro_f1(labels, found), right / max(1, int(found.sum())), right / carried, found.sum() / carried, best


if __name__ == "__main__":
    main()
