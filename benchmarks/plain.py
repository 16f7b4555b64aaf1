"""The same job as a plain script: default SentenceTransformer and BERTopic, the shipped heads, no product around it.

``python -m benchmarks.plain PASSAGES.json`` codes a list of passage texts, prints counts, and is what ``voc run`` is
timed against.
"""

import json
import sys
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from bertopic import BERTopic
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer

from voc_pipeline.manifests import coder_manifest, encoder_manifest


def main() -> None:
    """Encode, code and cluster the passages of a file."""
    texts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    source = next(entry for entry in encoder_manifest("minilm").sources if entry["kind"] == "package")
    model = SentenceTransformer(str(distribution(source["name"]).locate_file(source["path"])), device="cpu")
    vectors = model.encode(texts)
    themes = coder_manifest("themes-minilm")
    heads, calibration = load_file(themes.weights), themes.details["calibration"]
    hidden = np.maximum(vectors @ heads["hidden.weight"] + heads["hidden.bias"], 0)
    logits = hidden @ heads["output.weight"] + heads["output.bias"]
    scores = 1 / (1 + np.exp(-(calibration["slope"] * logits + calibration["intercept"])))
    coded = scores >= np.array(list(themes.details["thresholds"].values()))
    rest = ~coded.any(axis=1)
    left = [text for text, uncoded in zip(texts, rest, strict=True) if uncoded]
    topics, _ = BERTopic().fit_transform(left, vectors[rest])
    print(f"{len(texts)} passages, {int(coded.sum())} codes, {len(set(topics) - {-1})} topics")


if __name__ == "__main__":
    main()
