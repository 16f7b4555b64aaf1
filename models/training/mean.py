"""Makes one coder of two that were trained alike: ``python -m models.training.mean FIRST/accurate SECOND/accurate``.

The mean of the weights of networks that began alike is as good as asking all and costs one (Wortsman et al. 2022, Model
soups, arXiv 2203.05482). Calibration and threshold are fitted anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import load_file

from models.training.train import CODERS, between, complete, version_of


def main() -> None:
    """Write the mean of two coders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("coders", nargs=2, type=Path, help="folders of two trained coders of one profile")
    parser.add_argument("--out", type=Path, default=CODERS, help="folder to write to (models/coders)")
    options = parser.parse_args()
    first, second = options.coders
    if first.name != second.name:
        parser.error(f"{first.name} and {second.name} are two profiles; give two coders of one")
    weights, others = (
        {name: tensor for name, tensor in load_file(one / "weights.safetensors").items() if "exemplar" not in name}
        for one in (first, second)
    )
    complete(
        options.out / first.name, between(weights, others, 0.5), {"mean_of": [version_of(first), version_of(second)]}
    )


if __name__ == "__main__":
    main()
