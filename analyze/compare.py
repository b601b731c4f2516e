"""What changed between two studies, or between a study and a report that was kept before it was extended."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Literal, get_args

from rich.cells import cell_len

from analyze.decide import gap, interval
from analyze.findings import Row, cell_text
from analyze.report.terminal import wrapped
from analyze.report.visible import visible
from analyze.twin import Twin

Topic = Literal["trials", "settings", "answer", "cells", "verdicts"]

#: Facts of the methods that are said elsewhere, or are results.
RESULTS = (
    *("primary_factor", "contrast", "margin_pp", "seeds", "parts_digest", "pairs", "pairs_with_equal_hashes"),
    *("pairs_with_equal_batches", "least_shared_parameters", "most_shared_parameters", "one_start"),
    *("least_p_signflip", "incomplete_pairs", "detectable_sd_ratio"),
)

#: Columns of a line, of its first field, and of what stands before it.
WIDTH, FIRST, INDENT = 80, 24, 2


class Change(Row):
    """Something that is not alike: null on the side that does not have it."""

    topic: Topic
    what: str
    a: Any
    b: Any


class Comparison(Row):
    """Two studies and what is not alike in them, in the order of the topics; of some nothing can be said."""

    a: str
    b: str
    not_compared: tuple[Topic, ...]
    changes: tuple[Change, ...]


def compare(a: Twin, b: Twin, names: tuple[str, str]) -> Comparison:
    """What changed from one to the other, which have these names."""
    described = [dict(_facts(side)) for side in (a, b)]
    another = (a.question.factor, a.question.contrast) != (b.question.factor, b.question.contrast)
    not_compared: tuple[Topic, ...] = ("cells",) if another else ()  # decisions on one are no change of the other's
    described = [{key: fact for key, fact in facts.items() if key[0] not in not_compared} for facts in described]
    keys = dict.fromkeys(key for facts in described for key in facts)
    changes = [
        Change(topic=topic, what=what, a=described[0].get((topic, what)), b=described[1].get((topic, what)))
        for topic, what in sorted(keys, key=lambda key: get_args(Topic).index(key[0]))
        if described[0].get((topic, what)) != described[1].get((topic, what))
    ]
    return Comparison(a=names[0], b=names[1], not_compared=not_compared, changes=tuple(changes))


def _facts(side: Twin) -> Iterator[tuple[tuple[Topic, str], Any]]:
    """Everything that is compared, under its topic and name."""
    study, question, primary = side.study, side.question, side.primary
    for name in ("planned", "completed", "diverged", "failed", "pending"):
        yield ("trials", name), getattr(study, name)
    yield ("trials", "study"), study.name
    yield ("trials", "seeds"), list(study.seeds)
    margin = primary.equivalence.margin
    yield ("settings", "factor"), question.factor
    yield ("settings", "contrast"), list(question.contrast or ())
    yield ("settings", "moderators"), list(question.moderators)
    yield ("settings", "response"), question.response.model_dump()
    yield ("settings", "margin"), primary.equivalence.margin_pp if margin is None else margin
    for name, levels in study.factors.items():
        yield ("settings", f"levels of {name}"), list(levels)
    for name, fact in side.methods.items():
        if name not in RESULTS:
            yield ("settings", name), fact
    yield ("settings", "extended"), study.extended
    for name in ("headline", "decision", "depends_on", "estimate", "ci95", "n_seeds"):
        value = getattr(primary, name)
        yield ("answer", name), list(value) if isinstance(value, tuple) else value
    for row in side.simple_effects:
        if (row.bn_mode, row.scale) == ("running", question.response.scale):
            yield ("cells", cell_text(row.cell) or "mean"), row.decision
    for claim in side.claims:
        yield ("verdicts", claim.id), claim.verdict


def table(found: Comparison, a: Twin, b: Twin) -> str:
    """What changed, in three columns of a line of 80."""
    if not found.changes:
        return "nothing changed: trials, settings, answer, cells and verdicts are alike"
    rows = [_row("", found.a, found.b)]
    topic = None
    for one in found.changes:
        if one.topic != topic:
            rows.append(one.topic)
            topic = one.topic
        sides = [_text(one.what, value, side) for value, side in ((one.a, a), (one.b, b))]
        rows.append(_row(one.what if one.topic == "cells" else one.what.replace("_", " "), *sides))
    alike = [name for name in get_args(Topic) if name not in {*found.not_compared, *(c.topic for c in found.changes)}]
    last = [f"alike: {', '.join(alike)}"] if alike else []
    if found.not_compared:
        last.append(f"not compared, as they are of another contrast: {', '.join(found.not_compared)}")
    return "\n".join([*rows, *last])


def _row(*texts: str) -> str:
    """Three fields side by side, each wrapped."""
    other = (WIDTH - INDENT - FIRST - 4) // 2
    widths = (FIRST, other, other)
    fields = [wrapped(visible(text), width).split("\n") for text, width in zip(texts, widths, strict=True)]
    lines = [
        "  ".join(part + " " * max(0, width - cell_len(part)) for part, width in zip(parts, widths, strict=True))
        for parts in zip_longest(*fields, fillvalue="")
    ]
    return "\n".join(f"{' ' * INDENT}{line}".rstrip() for line in lines)


def _text(what: str, value: Any, side: Twin) -> str:
    """A fact as it is read."""
    unit, scale = side.primary.unit, side.question.response.scale
    if what in ("estimate", "margin") and value is not None:
        return gap(value, unit, scale)
    if what == "ci95" and value is not None:
        return interval(value, unit, scale)
    if what == "seeds" and value and len(value) > 3:
        return f"{len(value)}: {value[0]} … {value[-1]}"
    if isinstance(value, Mapping):
        return _text(what, [one for one in value.values() if one != ""], side)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    return ("yes" if value else "no") if isinstance(value, bool) else "–" if value is None else str(value)
