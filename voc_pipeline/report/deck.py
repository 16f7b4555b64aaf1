"""The door to python-pptx: 16:9 slides in the report's colours, with a status at each foot and sources in the notes."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from voc_pipeline.report import palette
from voc_pipeline.report.fitting import fitted
from voc_pipeline.report.office import printable, settled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pptx.presentation import Presentation as PresentationType
    from pptx.slide import Slide, SlideMaster
    from pptx.text.text import TextFrame, _Paragraph

WIDTH, HEIGHT = 13.333, 7.5
LEFT, RIGHT, TOP, BOTTOM = 0.65, 12.68, 1.75, 6.8
SERIF_FACE = "+mj-lt"  # the theme's heading face, so that a client's theme changes it everywhere
_HEADING, _BODY = "Georgia", "Arial"
_TITLE_SIZES = (28, 26, 24, 22, 20, 18, 16)
_THEME_COLOURS = {
    "dk1": palette.INK, "lt1": palette.CARD, "dk2": palette.ACCENT, "lt2": palette.PAPER, "accent1": palette.ACCENT,
    "accent2": palette.SENTIMENTS["negative"], "accent3": palette.SENTIMENTS["positive"],
    "accent4": palette.SENTIMENTS["mixed"], "accent5": palette.BAR, "accent6": palette.SENTIMENTS["neutral"],
    "hlink": palette.ACCENT, "folHlink": palette.MUTED,
}  # fmt: skip
_APPLICATION = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/extended-properties"><Application>voc-pipeline</Application></Properties>'
)
_TITLE_ONLY = "Title Only"


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text and how it looks; ``size`` in points."""

    text: str
    size: float
    colour: str = palette.INK
    bold: bool = False
    serif: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs that follow each other, with the room below (points)."""

    runs: tuple[Run, ...]
    after: float = 0.0


class Deck:
    """A presentation in memory.

    Args:
        title: Title of the study.
        status: Stands at the foot of each slide.
        run_id: Stands in the notes of each slide.
        created: The moment to name as its creation; nothing else tells when or by whom it was made.
    """

    def __init__(self, title: str, *, status: str, run_id: str, created: datetime) -> None:
        self._deck = Presentation()
        self._foot = (printable(status), printable(title))
        self._run_id = run_id
        _dress(self._deck)
        _describe(self._deck, title, created)

    def page(self, title: str, *, kicker: str = "", lead: str = "", notes: Sequence[str] = ()) -> Page:
        """Add a slide.

        Args:
            title: Its title, made smaller when it is long; a text that does not fit at all is cut.
            kicker: What kind of slide this is.
            lead: The title's first words, when they are to stand out.
            notes: Lines of the notes, after the run.
        """
        layout = next(layout for layout in self._deck.slide_layouts if layout.name == _TITLE_ONLY)
        slide = self._deck.slides.add_slide(layout)
        places: Any = layout.placeholders  # its types don't let it be walked
        for place in places:
            if place.placeholder_format.type in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
                slide.shapes.element.append(copy.deepcopy(place.element))
        page = Page(slide)
        page.foot(*self._foot)
        page.title(title, lead)
        if kicker:
            page.write(Box(LEFT, 0.42, RIGHT - LEFT, 0.28), [Paragraph((kicker_run(kicker),))])
        lines = (f"Run {self._run_id}", *notes)
        notes_frame = slide.notes_slide.notes_text_frame
        if notes_frame is not None:
            notes_frame.text = printable("\n".join(lines))
        return page

    def finish(self) -> bytes:
        """Give the presentation's bytes: the same ones for the same slides."""
        made = BytesIO()
        self._deck.save(made)
        return settled(made.getvalue())


class Page:
    """A slide that is being filled."""

    def __init__(self, slide: Slide) -> None:
        self.slide = slide

    def title(self, text: str, lead: str = "") -> None:
        """Write the title, its lead in the accent colour."""
        whole = printable(f"{lead} {text}".strip())
        shown, size = fitted(whole, (RIGHT - LEFT, 0.95), _TITLE_SIZES, serif=True)
        head = printable(lead) if lead and shown.startswith(printable(lead)) else ""
        place = self.slide.shapes.title
        if place is None:
            return
        runs = (Run(head, size, palette.ACCENT, serif=True), Run(shown[len(head) :], size, serif=True))
        _fill(place.text_frame.paragraphs[0], Paragraph(tuple(run for run in runs if run.text)))

    def foot(self, status: str, title: str) -> None:
        """Write status and title of the study at the foot."""
        for place in self.slide.placeholders:
            if place.placeholder_format.type == PP_PLACEHOLDER.FOOTER:
                shown, size = fitted(title, (9.0, 0.2), (9,))
                runs = (
                    Run(status.upper(), size, palette.SENTIMENTS["negative"], bold=True),
                    Run(f"  \N{MIDDLE DOT}  {shown}", size, palette.MUTED),
                )
                _fill(place.text_frame.paragraphs[0], Paragraph(runs))

    def write(self, box: Box, paragraphs: Sequence[Paragraph]) -> None:
        """Write paragraphs into a box, from its top."""
        frame = self.slide.shapes.add_textbox(*_emu(box)).text_frame
        _plain(frame)
        frame.vertical_anchor = MSO_ANCHOR.TOP
        for number, paragraph in enumerate(paragraphs):
            _fill(frame.paragraphs[0] if number == 0 else frame.add_paragraph(), paragraph)

    def fit(self, box: Box, text: str, sizes: Sequence[float], look: Run | None = None) -> None:
        """Write one text as large as it fits; ``look`` gives the colour and face."""
        look = look or Run("", 0)
        shown, size = fitted(printable(text), (box.width, box.height), sizes, serif=look.serif, bold=look.bold)
        self.write(box, [Paragraph((Run(shown, size, look.colour, look.bold, look.serif),))])

    def block(self, box: Box, fill: str, *, edge: str = "") -> None:
        """Draw a rectangle that says nothing by itself: a rule, a bar or a card."""
        shape = self.slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_emu(box))
        style = shape.element.find(qn("p:style"))
        if style is not None:  # the theme's shadow and outline come with it
            shape.element.remove(style)
        shape.fill.solid()
        shape.fill.fore_color.rgb = rgb(fill)
        if edge:
            shape.line.color.rgb = rgb(edge)
            shape.line.width = Pt(0.75)
        else:
            shape.line.fill.background()


def rgb(colour: str) -> RGBColor:
    """Give a colour (RRGGBB) as python-pptx wants it."""
    made: RGBColor = RGBColor.from_string(colour.upper())  # type: ignore[no-untyped-call] # it ships no types for this
    return made


def kicker_run(text: str) -> Run:
    """Give the small line that says what stands below it."""
    return Run(printable(text).upper(), 10, palette.MUTED, bold=True)


def _place_run(paragraph: _Paragraph, run: Run) -> None:
    """Add a run to a paragraph."""
    for number, line in enumerate(printable(run.text).split("\n")):
        if number:
            paragraph.add_line_break()  # type: ignore[no-untyped-call] # it ships no types for this
        made = paragraph.add_run()
        made.text = line
        made.font.size = Pt(run.size)
        made.font.bold = run.bold
        made.font.color.rgb = rgb(run.colour)
        if run.serif:
            made.font.name = SERIF_FACE


def _fill(paragraph: _Paragraph, wanted: Paragraph) -> None:
    paragraph.space_after = Pt(wanted.after)
    for run in wanted.runs:
        _place_run(paragraph, run)


def _plain(frame: TextFrame) -> None:
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Inches(0)


def _emu(box: Box) -> tuple[Inches, Inches, Inches, Inches]:
    return Inches(box.left), Inches(box.top), Inches(box.width), Inches(box.height)


def _dress(deck: PresentationType) -> None:
    """Make python-pptx's plain 4:3 template ours: format, theme, one layout, nothing of its maker."""
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    size = deck.element.find(qn("p:sldSz"))
    if size is not None:
        size.attrib.pop("type", None)
    for layout in list(deck.slide_layouts):
        if layout.name != _TITLE_ONLY:
            deck.slide_layouts.remove(layout)
    master = deck.slide_master
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme.blob = _theme(theme.blob)
    master.background.fill.solid()
    master.background.fill.fore_color.rgb = rgb(palette.PAPER)
    _arrange(master)
    package = deck.part.package
    for relation in list(package.iter_rels()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            package.drop_rel(relation.rId)
        elif relation.reltype == RELATIONSHIP_TYPE.EXTENDED_PROPERTIES:
            relation.target_part.blob = _APPLICATION
        elif relation.reltype == RELATIONSHIP_TYPE.PRINTER_SETTINGS:
            deck.part.rels.pop(relation.rId)


def _theme(blob: bytes) -> bytes:
    """Put the report's colours and faces into a theme."""
    theme = etree.fromstring(blob)
    theme.set("name", "Voice of customer")
    scheme = theme.find(f".//{qn('a:clrScheme')}")
    fonts = theme.find(f".//{qn('a:fontScheme')}")
    if scheme is None or fonts is None:
        return blob
    for name, colour in _THEME_COLOURS.items():
        place = scheme.find(qn(f"a:{name}"))
        if place is not None:
            for old in list(place):
                place.remove(old)
            etree.SubElement(place, qn("a:srgbClr")).set("val", colour.upper())
    for kind, face in (("a:majorFont", _HEADING), ("a:minorFont", _BODY)):
        latin = fonts.find(f"{qn(kind)}/{qn('a:latin')}")
        if latin is not None:
            latin.set("typeface", face)
    return etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _arrange(master: SlideMaster) -> None:
    """Place the master's placeholders; layout and slides follow it."""
    places = {
        PP_PLACEHOLDER.TITLE: (Box(LEFT, 0.72, RIGHT - LEFT, 0.98), "2400", "l"),
        PP_PLACEHOLDER.BODY: (Box(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP), "", ""),
        PP_PLACEHOLDER.DATE: (Box(9.6, 7.02, 2.2, 0.26), "900", "r"),
        PP_PLACEHOLDER.FOOTER: (Box(LEFT, 7.02, 10.6, 0.26), "900", "l"),
        PP_PLACEHOLDER.SLIDE_NUMBER: (Box(RIGHT - 0.8, 7.02, 0.8, 0.26), "900", "r"),
    }
    found: Any = master.placeholders  # its types don't let it be walked
    for shape in found:
        box, size, side = places[shape.placeholder_format.type]
        shape.left, shape.top, shape.width, shape.height = _emu(box)
        _plain(shape.text_frame)
        for style in shape.element.iter(qn("a:lvl1pPr")):
            style.set("algn", side)
            for face in style.iter(qn("a:defRPr")):
                face.set("sz", size)
        if shape.placeholder_format.type == PP_PLACEHOLDER.TITLE:
            shape.text_frame.vertical_anchor = MSO_ANCHOR.TOP
    title_style = master.element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    if title_style is not None:
        title_style.set("algn", "l")


def _describe(deck: PresentationType, title: str, created: datetime) -> None:
    about = deck.core_properties
    about.title = printable(title)[:255]
    about.author = about.last_modified_by = about.comments = about.subject = about.keywords = about.category = ""
    about.created = about.modified = created
    about.revision = 1
