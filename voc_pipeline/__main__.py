"""``python -m voc_pipeline`` is ``voc``."""

from voc_pipeline.cli.main import main

if __name__ == "__main__":
    main()
