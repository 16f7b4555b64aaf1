"""Topics: groups of passages that the codebook does not cover. The only package that imports BERTopic."""
