"""Voice-of-customer interview mining: transcripts in, a theme-by-segment report out."""

__version__ = "0.1.0"
