"""One reader a family of formats, registered under ``voc_pipeline.readers``."""
