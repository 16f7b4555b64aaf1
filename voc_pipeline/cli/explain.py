"""``voc explain``: why a mention was coded as it was. What was said goes to this terminal and nowhere else."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from voc_pipeline.cli.study import HERE, AsJson, StudyDir
from voc_pipeline.operations.status_page import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voc_pipeline.operations.explain import Explanation

_WORDS = 6


def explain(
    mention_id: Annotated[str, typer.Argument(help="Id from mentions.csv or review_queue.csv; its beginning will do.")],
    directory: StudyDir = HERE,
    as_json: AsJson = False,
) -> None:
    """Show what speaks for a mention: sentence, score, deciding words, like statements, nearest other themes.

    Example: voc explain mn_4f2a my-study
    """
    from voc_pipeline.operations.explain import explain as find

    found = find(directory, mention_id)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1, ensure_ascii=False))
        return
    for line in (*_said(found), "", *_judged(found), "", *_reasons(found)):
        typer.echo(printable(line))


COMMANDS = (explain,)


def _said(found: Explanation) -> Iterator[str]:
    mention, context = found.mention, found.context
    yield f"{mention.mention_id}: {found.theme}"
    yield f"{found.source_file}, turn {mention.turn}, participant {mention.participant_id}"
    yield ""
    if context.question:
        yield f"  asked: {context.question}"
    yield " ".join(part for part in ("  said: ", context.before, f">>{mention.quote}<<", context.after) if part)


def _judged(found: Explanation) -> Iterator[str]:
    mention = found.mention
    if found.definition:
        yield f"{found.theme}: {found.definition}"
    stance = mention.stance
    yield (
        f"sentiment {stance.sentiment} ({stance.sentiment_score:+.2f}), journey stage {stance.stage or '-'}, "
        f"statement type {stance.type or '-'}; {'prompted by the question' if mention.prompted else 'volunteered'}"
    )
    if found.base is not None:  # themes without a head are judged on the quote alone
        yield "  judged on all that carries the theme in this turn, each sentence by its score, not on the quote alone"
    state = "accepted: it counts in the report" if mention.accepted else "waits for review: it counts nowhere"
    yield f"score {mention.score:.2f}{_needed(found)}; {state}"
    if found.base is not None:  # only trained themes are calibrated
        yield (
            f"  of 100 turns that score so, about {100 * mention.score:.0f} carry the theme (calibrated on interviews "
            "the coder did not learn from)"
        )
    yield f"coded by {mention.coder} {mention.coder_version}"
    if not found.same_version:
        yield f"  ANOTHER VERSION is installed: {found.installed}. What follows is how that one sees it"
        if found.own:
            yield f"  it scores {found.own.score:.2f}; 'voc run' codes the study again with it"


def _needed(found: Explanation) -> str:
    return f", {found.own.threshold:.2f} needed" if found.own and found.same_version else ""


def _reasons(found: Explanation) -> Iterator[str]:
    if found.base is None:
        yield f"the installed coder says no more than: {found.mention.why}"
        return
    yield "words that decide (what each adds to the log-odds of the theme):"
    words = [pair for pair in found.words if any(map(str.isalnum, pair[0]))]
    strongest = sorted(words, key=lambda pair: -abs(pair[1]))[:_WORDS]
    shown, whole = sum(weight for _, weight in strongest), sum(weight for _, weight in found.words)
    yield "  " + ", ".join(f"{word} {weight:+.2f}" for word, weight in strongest)
    yield f"  everything else in the sentence {whole - shown:+.2f}, before any word {found.base:+.2f}"
    if abs(shown) < abs(whole) / 2:
        yield "  no few words decide here: it is the sentence as a whole"
    yield "training statements most like it:"
    for name, text in found.nearest:
        yield f"  {name}  {text or '(its text is not installed)'}"
    yield "what else this sentence is nearest to:"
    for other in found.others:
        verdict = "coded as well" if other.score >= other.threshold else "not coded"
        yield f"  {other.theme}: {other.score:.2f}, {other.threshold:.2f} needed: {verdict}"
