"""Writes what this repository shows of the studies beside this file: `make reports`.

Each study gets its reports, a README its first screen: the finding, its figure, the article's conclusions, and what
fewer runs would have said. Texts come from the report's own catalogues; nothing in them is typed by hand.
"""

import itertools
import math
import os
import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from scipy import stats

import analyze
from analyze.findings import Cell, Findings, Level, SimpleEffect
from analyze.measures import response
from analyze.report.words.catalogue import Language
from analyze.report.write import render
from analyze.study.load import StudyData
from analyze.study.pairing import arms

DATA = Path(__file__).parent
STUDIES = tuple(sorted(path.parent for path in DATA.glob("*/study.toml")))
READMES: dict[Language, str] = {"en": "README.md", "zh": "README.zh.md"}

#: How many pairs of runs a smaller study has, and how many such studies are drawn where there are more than that.
PAIRS, DRAWS = (1, 3, 5, 10), 10_000
ALPHA = 0.05
HEADS = {
    "en": ("set-up", "gap", "one pair", "three", "five", "ten", "ten, significant", "all cells"),
    "zh": ("组合", "差值", "1 对", "3 对", "5 对", "10 对", "10 对且显著", "全部组合"),
}
STATISTICS = {
    "en": {"running": "running statistics", "batch": "each batch's own"},
    "zh": {"running": "滑动统计量", "batch": "批统计量"},
}


def brief(findings: Findings, lang: Language) -> str:
    """The report's summary in Markdown, without its figure."""
    return render(findings, fmt="md", lang=lang, brief=True).decode()


def finding(findings: Findings, lang: Language) -> str:
    """The finding in bold, the two plain sentences and the answer."""
    title, *paragraphs = brief(findings, lang).split("\n## ")[0].split("\n\n")
    answer = next(number for number, text in enumerate(paragraphs) if text.startswith("**"))
    return "\n\n".join([f"**{title.removeprefix('# ')}**", *paragraphs[1:answer], paragraphs[answer].strip("*")])


def conclusions(findings: Findings, lang: Language) -> str:
    """The verdicts on what the article concluded, as a table."""
    own = [claim for claim in findings.claims if claim.said_by == "article"]
    text = brief(findings.model_copy(update={"claims": own}), lang)
    return "\n".join(line for line in text.split("\n## ")[-1].splitlines() if line.startswith("|"))


def heads(findings: Findings, lang: Language) -> str:
    """The gap with its 95 % interval, a row for each rate and activation, a column for each head."""
    rows = [row for row in findings.simple_effects if (row.bn_mode, row.scale) == ("running", "raw")]
    return gaps_of([(_without(row.cell, "head", "depth"), row.cell["head"], row) for row in rows], lang)


def defaults(findings: Findings, lang: Language) -> str:
    """The gap with its 95 % interval, a row for each of BatchNorm's defaults, a column for each kind of statistics."""
    rows = [row for row in findings.simple_effects if row.scale == "raw"]
    return gaps_of([(_without(row.cell), STATISTICS[lang][row.bn_mode], row) for row in rows], lang)


def _without(cell: Cell, *names: str) -> str:
    """The levels of a cell but for those of some factors."""
    return " / ".join(f"{value}" for name, value in cell.items() if name not in names)


def gaps_of(rows: Sequence[tuple[str, Level, SimpleEffect]], lang: Language) -> str:
    """A table of gaps, each below its column and beside its set-up."""
    gaps = {
        (rest, column): f"{row.gap:+.2f} [{row.ci95[0]:.2f}, {row.ci95[1]:.2f}]".replace("-", "−")
        for rest, column, row in rows
    }
    columns = list(dict.fromkeys(column for _, column in gaps))
    lines = [f"| {HEADS[lang][0]} | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
    lines += [
        f"| {rest} | {' | '.join(gaps[rest, one] for one in columns)} |" for rest in dict.fromkeys(r for r, _ in gaps)
    ]
    return "\n".join(lines)


def fewer_runs(study: StudyData, lang: Language) -> str:
    """How often studies of fewer pairs, chosen among the seeds of this one, say what all its pairs say.

    Columns: the gap of all pairs; the share of drawn studies whose mean gap has its sign, by their number of pairs;
    the share in which ten pairs are also significant by Student's test.
    """
    paired = arms(study.trials, response.values(study), study.design)
    complete = paired.difference[paired.complete]
    drawn_seeds = {pairs: smaller(len(complete), pairs) for pairs in PAIRS}
    names = [" / ".join(f"{value}" for value in cell.values()) for cell in paired.cells]
    first, *heads, last = HEADS[lang]
    lines = [f"| {first} | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    for name, gaps in zip([last, *names], [complete.mean(axis=1), *complete.T], strict=True):
        shares = []
        for pairs in PAIRS:
            drawn = gaps[drawn_seeds[pairs]]
            same = np.sign(drawn.mean(axis=1)) == np.sign(gaps.mean())
            shares.append(float(same.mean()))
        shares.append(float((same & (stats.ttest_1samp(drawn, 0.0, axis=1).pvalue <= ALPHA)).mean()))
        gap = f"{gaps.mean():+.2f}".replace("-", "−")
        lines.append(f"| {name} | {gap} | {' | '.join(map(percent, shares))} |")
    return "\n".join(lines)


def smaller(seeds: int, pairs: int) -> np.ndarray:
    """The seeds of studies with fewer pairs: every such study where there are at most `DRAWS`, else so many drawn."""
    if math.comb(seeds, pairs) <= DRAWS:
        return np.array(list(itertools.combinations(range(seeds), pairs)))
    generator = np.random.default_rng([20_261_126, pairs])
    return np.argsort(generator.random((DRAWS, seeds)), axis=1)[:, :pairs]


def percent(share: float) -> str:
    """A share in whole per cent, which is nearly all or none only where it is not all or none."""
    return "> 99 %" if 0.995 <= share < 1 else "< 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


@cache
def found(name: str) -> Findings:
    """What the report of a study may say."""
    return analyze.analyse(analyze.read(os.path.relpath(DATA / name)))


def blocks(lang: Language) -> dict[str, str]:
    """The parts of a README that come from studies, by the name of their place."""
    return {
        "finding": finding(found("article"), lang),
        "conclusions": conclusions(found("article"), lang),
        "heads": heads(found("head-and-rate"), lang),
        "defaults": defaults(found("keras"), lang),
        "fewer runs": fewer_runs(analyze.read(DATA / "settled"), lang),
        "second question": finding(found("prepost"), lang),
    }


def placed(text: str, parts: dict[str, str]) -> str:
    """The text with each part between the two comments that name it."""
    for name, part in parts.items():
        place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text, found = place.subn(lambda marks, part=part: f"{marks[1]}{part}\n{marks[2]}", text)
        if found != 1:
            raise ValueError(f"the place of {name!r} is there {found} times")
    return text


def write_readmes() -> None:
    """Write the places of both READMEs."""
    for lang, name in READMES.items():
        path = DATA.parent / name
        path.write_text(placed(path.read_text(encoding="utf-8"), blocks(lang)), encoding="utf-8")


def main() -> None:
    """Write every report, the picture of page one, and the places of the READMEs."""
    os.chdir(DATA.parent)  # the command that a report names is given from there
    for folder in STUDIES:
        findings = found(folder.name)
        analyze.write(findings, folder / "report.pdf")
        analyze.write(findings, folder / "report.zh.pdf", lang="zh")
        analyze.write(findings, folder / "report.html")
        analyze.write(findings, folder / "summary.md")
    first = ["pdftoppm", "-r", "80", "-png", "-f", "1", "-singlefile", "report.pdf", "page-one"]
    subprocess.run(first, cwd=DATA / "article", check=True)  # noqa: S603  the words are those above
    write_readmes()


if __name__ == "__main__":
    main()
