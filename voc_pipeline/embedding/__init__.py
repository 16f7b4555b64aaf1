"""Texts to unit vectors: where the encoder's files are, its forward pass, and its vector cache."""
