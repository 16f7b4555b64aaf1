"""How fast the coders code: themes and stances of the validation interviews' answers, in sentences a second.

``python -m benchmarks.rate``. Reading, pseudonyms and the report are not in it; `benchmarks.speed` times whole runs.
"""

from __future__ import annotations

import time

from models.training.data import load_validation
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.coding.speeches import RememberingEncoder, sentences_of
from voc_pipeline.coding.stance import HeadSentimentEngine
from voc_pipeline.coding.themes import HeadThemeCoder
from voc_pipeline.embedding.speech import load_speech_encoder

RUNS = 3


def main() -> None:
    """Time each profile's coder a few times in turn and print its rates, slowest first."""
    units = [statement.unit for statement in load_validation()]
    sentences = sum(len(sentences_of(unit)) for unit in units)
    encoders = {profile: load_speech_encoder(profile) for profile in ("accurate", "fast")}
    rates: dict[str, list[float]] = {profile: [] for profile in encoders}
    for _ in range(RUNS):
        for profile, encoder in encoders.items():
            shared, book = RememberingEncoder(encoder), load_codebook()
            coder, engine = HeadThemeCoder(shared, book), HeadSentimentEngine(shared, book)
            started = time.perf_counter()
            engine.judge(units, coder.code(units))
            rates[profile].append(sentences / (time.perf_counter() - started))
    for profile, found in rates.items():
        print(f"{profile}: {', '.join(f'{rate:.0f}' for rate in sorted(found))} sentences a second ({sentences} coded)")


if __name__ == "__main__":
    main()
