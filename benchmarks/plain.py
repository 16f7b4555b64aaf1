"""The same job as a plain script: default SentenceTransformer and BERTopic, the shipped heads, no product around it.

``python -m benchmarks.plain PASSAGES.json [PROFILE]`` codes a list of passage texts, prints counts, and is what
``voc run`` is timed against. It leaves out the coder's adapter, which merged into the weights costs nothing, the
question before an answer and the second reader, which cost the product time: its codes are worth little, its seconds
are those of the usual way.
"""

import json
import sys
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from bertopic import BERTopic
from safetensors import safe_open
from sentence_transformers import SentenceTransformer

from voc_pipeline.embedding.sources import locate
from voc_pipeline.manifests import coder_manifest, encoder_manifest


def main() -> None:
    """Encode, code and cluster the passages of a file."""
    texts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    coder = coder_manifest(sys.argv[2] if len(sys.argv) > 2 else "accurate")  # noqa: PLR2004 (the second argument)
    base = locate(encoder_manifest(coder.encoder)).paths["config.json"].parent
    vectors = SentenceTransformer(str(base), device="cpu").encode(texts)
    with safe_open(coder.weights, framework="numpy") as heads:
        logits = vectors @ heads.get_tensor("theme.weight") + heads.get_tensor("theme.bias")
    calibration = coder.details["calibration"]
    scores = 1 / (1 + np.exp(-(calibration["slope"] * logits + calibration["intercept"])))
    coded = scores >= np.array(list(coder.details["thresholds"].values()))
    rest = ~coded.any(axis=1)
    left = [text for text, uncoded in zip(texts, rest, strict=True) if uncoded]
    source = next(entry for entry in encoder_manifest("minilm").sources if entry["kind"] == "package")
    small = SentenceTransformer(str(distribution(source["name"]).locate_file(source["path"])), device="cpu")
    topics, _ = BERTopic().fit_transform(left, small.encode(left))
    print(f"{len(texts)} passages, {int(coded.sum())} codes, {len(set(topics) - {-1})} topics")


if __name__ == "__main__":
    main()
