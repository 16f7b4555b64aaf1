"""What a flow says of an unexpected error: Prefect keeps the words of every exception in its database."""

from collections.abc import Iterator
from contextlib import contextmanager

from voc_pipeline.errors import VocError


@contextmanager
def no_text() -> Iterator[None]:
    """Let our own errors pass, which never carry interview text; of any other name the kind only.

    Raises:
        VocError: Something unexpected was raised.
    """
    try:
        yield
    except VocError:
        raise
    except Exception as error:  # noqa: BLE001 (plugins and libraries may raise anything, and quote what they read)
        raise VocError(
            f"stopped by an unexpected {type(error).__name__}; what was finished is kept",
            hint="Run 'voc doctor', then try again. VOC_DEBUG=1 voc run --without-prefect shows where it failed, "
            "perhaps with text",
        ) from None
