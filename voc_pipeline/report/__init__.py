"""The report: one frozen view of a run, exporters that only print it, and the files that others build on."""
