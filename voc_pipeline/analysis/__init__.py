"""Numbers: pure frames in, frames out, in the specifications of ``voc_pipeline.tables``. Participants are the base."""
