"""Codebook files: reading and checking them, finding weak spots, and taking over those of other programs."""
