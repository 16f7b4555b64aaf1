"""Reader of PDF files that hold text. What a page repeats (titles, page numbers) is no speech."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.decoding import clean_lines, refuse_empty
from voc_pipeline.ingest.documents import read_paragraphs
from voc_pipeline.ingest.pages import PAGE_LINE, flowing_lines
from voc_pipeline.ingest.printed_rows import part_columns
from voc_pipeline.records import NO_OPTIONS

if TYPE_CHECKING:
    from voc_pipeline.records import RawTranscript, ReadingOptions

MAX_PAGES = 2000
_HEAD_BYTES = 1024  # the mark may stand behind a few foreign bytes, at either end
_LETTERS = str.maketrans({
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
})  # fmt: skip


class PdfTextReader:
    """Reads .pdf by the text of its pages, in the order in which the pages draw it."""

    name = "pdf"
    suffixes: tuple[str, ...] = (".pdf",)

    def read(
        self,
        data: bytes,
        *,
        name: str,
        options: ReadingOptions = NO_OPTIONS,  # noqa: ARG002 (this format has nothing to set)
    ) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        _refuse_foreign(data, name)
        pages = _pages(data, name)
        if not any(page.strip() for page in pages):
            raise RefusedError(
                "its pages hold no text: they are pictures, a scan",
                where=name,
                hint="Run text recognition (OCR) on it, or export the transcript as .docx or .txt",
            )
        lines, repeated = flowing_lines([page.split("\n") for page in pages])
        text = "\n".join(part_columns(lines, name=name))
        return read_paragraphs([text], name=name, unread={PAGE_LINE: repeated} if repeated else {})


def _refuse_foreign(data: bytes, name: str) -> None:
    refuse_empty(data, name=name)
    if b"%PDF-" not in data[:_HEAD_BYTES]:
        raise RefusedError("this is no PDF, although its name ends in .pdf", where=name, hint="Export it again")
    if b"%%EOF" not in data[-_HEAD_BYTES:]:
        raise RefusedError("the PDF is cut off", where=name, hint="Copy or download it again")


def _pages(data: bytes, name: str) -> list[str]:
    import pypdf  # noqa: PLC0415 (0.2 s that most studies don't need)

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it comments on every oddity of a file that it can read
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        count = 0 if locked else len(reader.pages)
        texts = [page.extract_text() for page in reader.pages] if 0 < count <= MAX_PAGES else []
    except Exception as error:  # noqa: BLE001 (pypdf lets a dozen kinds through on a damaged file)
        raise RefusedError(
            f"the PDF is damaged or encrypted ({type(error).__name__})",
            where=name,
            hint="Open it and print it to a new PDF, or export the transcript as .docx or .txt",
        ) from None
    if locked:
        raise RefusedError("the PDF is password-protected", where=name, hint="Save a copy without a password")
    if count > MAX_PAGES:
        raise RefusedError(
            f"the PDF has {count:,} pages, the limit is {MAX_PAGES:,}",
            where=name,
            hint="Split it into one file an interview",
        )
    return [clean_lines(text.translate(_LETTERS)) for text in texts]
