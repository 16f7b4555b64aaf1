"""``voc``, the command line."""
