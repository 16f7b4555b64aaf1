"""Writes codebooks as YAML that `reading` reads back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from voc_pipeline.records import Codebook, Theme

_WIDTH = 110


def codebook_yaml(codebook: Codebook) -> str:
    """Write a codebook's name, version, families and themes, in their order; empty parts are left out."""
    data: dict[str, Any] = {
        "codebook": codebook.name,
        "version": codebook.version,
        "families": dict(codebook.families),
        "themes": [_theme(theme) for theme in codebook.themes],
    }
    return yaml.safe_dump(
        {key: value for key, value in data.items() if value}, sort_keys=False, allow_unicode=True, width=_WIDTH
    )


def _theme(theme: Theme) -> dict[str, Any]:
    examples = [{"text": one.text, "applies": one.code, "kind": str(one.kind)} for one in theme.examples]
    data = {
        "id": theme.theme_id, "name": theme.name, "family": theme.family, "definition": theme.definition,
        "include": list(theme.include), "exclude": list(theme.exclude), "examples": examples,
    }  # fmt: skip
    return {key: str(value) if isinstance(value, str) else value for key, value in data.items() if value}
