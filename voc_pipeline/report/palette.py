"""The report's colours for renderers that cannot read report.css: its light theme, as RRGGBB (a test compares them)."""

from __future__ import annotations

PAPER, CARD, INK, MUTED, LINE = "fcfbf8", "ffffff", "1d2327", "59636a", "e0ddd4"
ACCENT, CHIP, MARK, BAR, TRACK = "0f5960", "ebe9e2", "fbeec2", "a2c8ca", "eeece5"
SENTIMENTS = {"negative": "b4540a", "mixed": "74708c", "neutral": "b6bcbe", "positive": "2a5f9e"}
HEAT = (
    CARD, "e6f0f0", "cfe3e3", "b8d6d7", "a2c8ca", "8bbbbe", "73aaae", "5c959a", "417d82", "2d6d73", "0f5960",
)  # fmt: skip
_ON_SEVEN, _DARK_FROM = "12181a", 8


def on_heat(level: int) -> str:
    """Give the text colour that is readable on a heat level (0..10)."""
    if level == 0:
        return MUTED
    if level >= _DARK_FROM:
        return CARD
    return _ON_SEVEN if level == _DARK_FROM - 1 else INK


def sentiment(kind: str) -> str:
    """Give the colour of a sentiment or tone; what is neither is drawn as a line."""
    return SENTIMENTS.get(kind, LINE)


def tone(level: int) -> str:
    """Give the fill of a net sentiment (-5..5): white for balance, tints that dark text is readable on."""
    full = SENTIMENTS["negative" if level < 0 else "positive"]
    return tint(full, 0.09 * abs(level))


def tint(colour: str, strength: float) -> str:
    """Mix a colour (RRGGBB) with white; 0 is white, 1 the colour itself."""
    parts = (int(colour[place : place + 2], 16) for place in (0, 2, 4))
    return "".join(f"{round(255 + (part - 255) * strength):02x}" for part in parts)
