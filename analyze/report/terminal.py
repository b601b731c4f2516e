"""Findings -> what a terminal shows of them: the answer, the cells if they are few, and the verdicts counted."""

import re

from rich.cells import cell_len, chop_cells

from analyze.findings import Findings
from analyze.report import tables
from analyze.report.prose.answer import answer
from analyze.report.prose.coverage import coverage, unplanned
from analyze.report.prose.verdicts import verdicts
from analyze.report.readable import readable
from analyze.report.subject import about
from analyze.report.words import display
from analyze.report.words.amounts import contrast
from analyze.report.words.catalogue import Catalogue

#: More cells than these are for the report.
FEW = 8

#: A line may begin with each: a word, or one wide character; with the brackets and marks that stay beside it.
_WIDE = "\u2e80-\u2fff\u3040-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fffd"
_BEFORE, _AFTER = "（《“‘「『〈【", "，。；：、！？）》”’」』〉】"
PIECE = re.compile(rf"[{_BEFORE}]*(?:[{_WIDE}]|[^ {_WIDE}{_BEFORE}{_AFTER}]+)?[{_AFTER}]*|[{_BEFORE}]+")


def summary(findings: Findings, words: Catalogue, *, width: int, bold: bool) -> str:
    """Lines of at most `width` columns; the answer in bold where a terminal has it."""
    shown, base, words = readable(findings), words, about(findings, words)
    said = wrapped(sentence(findings, words), width)
    blocks = [f"\x1b[1m{said}\x1b[0m" if bold else said]
    blocks.append(wrapped(display.plain(unplanned(shown, words)), width))
    if shown.study.completed < shown.study.planned:
        blocks.append(wrapped(display.plain(coverage(shown, words)), width))
    cells = tables.decided_cells(shown, words)
    if cells and shown.primary.contrast and 1 < len(cells.rows) <= FEW:
        first, second = shown.primary.contrast
        head = words("terminal.cells", contrast=contrast(first, second, words))
        blocks.append("\n".join([wrapped(display.plain(head), width), *_aligned(cells, width)]))
    blocks += [wrapped(f"{one.primary.response}: {sentence(one, base)}", width) for one in shown.further]
    blocks.append(wrapped(display.plain(verdicts(shown, words)), width))
    return "\n\n".join(block for block in blocks if block)


def sentence(findings: Findings, words: Catalogue) -> str:
    """The answer alone, on one line."""
    return display.plain(answer(readable(findings), about(findings, words)).sentence)


def wrapped(text: str, width: int, *, first: str = "", indent: str = "") -> str:
    """Text in lines of at most `width` columns, which begin like this; wide characters take two columns each."""
    lines = [first]
    for word in text.split(" "):
        gap = " " if lines[-1].strip() else ""
        for piece in PIECE.findall(word):
            if cell_len(lines[-1] + gap + piece) > width and lines[-1].strip():
                lines.append(indent)
                gap = ""
            head, *rest = chop_cells(piece, width - len(indent)) or [""]
            lines[-1] += gap + head
            lines += [indent + one for one in rest]
            gap = ""
    return "\n".join(lines)


def _aligned(table: tables.Table, width: int) -> list[str]:
    """A line for the headings and one a row, in columns where these fit, else wrapped."""
    rows = [[display.plain(cell) for cell in row] for row in (table.heads, *table.rows)]
    widest = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        filled = [
            " " * (most - cell_len(text)) + text if number else text + " " * (most - cell_len(text))
            for text, most, number in zip(row, widest, table.numeric, strict=True)
        ]
        lines.append(f"  {'  '.join(filled)}".rstrip())
    if max(map(cell_len, lines)) <= width:
        return lines
    return [wrapped("  ".join(row), width, first="  ", indent="    ") for row in rows]
