"""Every p that a report prints beside a statistic, computed again from what is printed, as statcheck does.

A printed number stands for all that round to it, so that a p has a least and a largest possible value.
"""

import re
from collections.abc import Iterator
from itertools import product

import numpy as np
from scipy import stats

from analyze.report.document import Document
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from tests.analyze.reading import paragraphs, read

Range = tuple[float, float]

#: A statistic with its degrees of freedom, what stands between, and the next p of the sentence.
REPORTED = re.compile(
    r"(?<!\w)(?P<symbol>[tF])\((?P<df>[\d., ]+)\) = (?P<value>[−\d.,]*\d)(?P<between>[^;；。]*?)"
    r"(?<!\w)p (?P<p>[=<>] \.\d{3})"
)


def unlike_their_statistics(document: Document, margin: float, folds: int | None = None) -> list[str]:
    """Each p of a sentence or table that its statistic cannot have; the margin is that of equivalence.

    The variance of a mean over folds of so many is that of Nadeau & Bengio.
    """
    told = [*of_sentences(" ".join(paragraphs(document)))]
    for name, table in read(document).tables.items():
        rows = [Numbers(record, document.lang) for record in table.records()]
        wrong = [*of_anova(rows), *of_cells(rows, margin, folds), *of_intervals(rows, folds)]
        told += [f"table {name}: {one}" for one in wrong]
    return told


class Numbers:
    """A row of a table by the keys of its headings."""

    def __init__(self, record: dict[str, str], lang: Language) -> None:
        self.record, self.lang = record, lang

    def __getitem__(self, key: str) -> str:
        """What stands under a heading; a dash where the table lacks it."""
        return self.record.get(plain(catalogue(self.lang)(f"head.{key}")), "–") or "–"

    def has(self, *keys: str) -> bool:
        """Whether there is a number under each of these headings."""
        return all(re.search(r"\d", self[key]) for key in keys)

    def range(self, key: str) -> Range:
        """What the number under a heading can be."""
        return rounded(self[key])

    def __str__(self) -> str:
        return str(self.record)


def number(text: str) -> float:
    """A printed number."""
    mantissa, _, power = text.replace("−", "-").replace(",", "").partition(" × 10^")
    return float(mantissa) * 10.0 ** int(power or 0)


def rounded(text: str) -> Range:
    """The numbers that are printed so."""
    mantissa, _, power = text.replace("−", "-").replace(",", "").partition(" × 10^")
    whole, _, decimals = mantissa.partition(".")
    # Three digits of a number above a thousand are significant.
    half = 0.5 * 10.0 ** (int(power or 0) - len(decimals) + (0 if decimals else max(0, len(whole.strip("-+")) - 3)))
    return number(text) - half, number(text) + half


def p_of(symbol: str, value: float, *df: float) -> float:
    """The p of a statistic, t two-sided."""
    return float(2 * stats.t.sf(abs(value), *df) if symbol == "t" else stats.f.sf(max(value, 0.0), *df))


def agrees(printed: str, possible: Range) -> bool:
    """Whether a printed p is one of those between the least and the largest possible."""
    relation, _, bound = printed.rpartition(" ")
    low, high = {"<": (0.0, 0.001), ">": (0.9995, 1.0)}.get(relation, rounded(bound))
    return low - 1e-9 <= possible[1] and possible[0] <= high + 1e-9


def of_sentences(text: str) -> Iterator[str]:
    """A p that stands right after a statistic is its own; a p of another test is named between them."""
    for one in REPORTED.finditer(text):
        if one["between"].strip(" ,，"):
            if "sign-flip" not in one["between"] and "符号翻转" not in one["between"]:
                yield one[0]
            continue
        # Whole degrees of freedom are exact, those by Greenhouse & Geisser are rounded.
        df = [rounded(part) if "." in part else (number(part),) for part in one["df"].split(", ")]
        values = rounded(one["value"])
        values += (0.0,) if values[0] < 0 < values[1] else ()
        possible = [p_of(one["symbol"], *each) for each in product(values, *df)]
        if not agrees(one["p"].removeprefix("= "), (min(possible), max(possible))):
            yield one[0]


def of_anova(rows: list[Numbers]) -> Iterator[str]:
    """Greenhouse-Geisser's p and partial eta squared follow from F, df and epsilon in the same line."""
    for row in rows:
        if not row.has("F", "df", "eta"):
            continue
        df_num, df_den = map(number, row["df"].split(", "))
        F = row.range("F")
        shares = [max(value, 0.0) * df_num / (max(value, 0.0) * df_num + df_den) for value in F]
        low, high = row.range("eta")
        if shares[1] < low - 1e-9 or shares[0] > high + 1e-9:
            yield f"partial eta squared of {row}"
        if row.has("p_gg", "epsilon"):
            possible = [p_of("F", value, e * df_num, e * df_den) for value, e in product(F, row.range("epsilon"))]
            if not agrees(row["p_gg"], (min(possible), max(possible))):
                yield f"p (GG) of {row}"


def of_cells(rows: list[Numbers], margin: float, folds: int | None) -> Iterator[str]:
    """Holm's p of TOST over the cells of a table follow from gap, spread and n."""
    told = [row for row in rows if row.has("p_tost_holm", "n", "gap", "sd")]
    if any(row.has("p_tost_holm") for row in rows if row not in told):
        return
    own = [_of_tost(row, margin, folds) for row in told]
    least, most = (holm([one[end] for one in own]) for end in (0, 1))
    for row, *possible in zip(told, least, most, strict=True):
        if not agrees(row["p_tost_holm"], (possible[0], possible[1])):
            yield f"TOST of {row}: {possible}"


def _root(n: float, folds: int | None) -> float:
    """The standard error of a mean over its standard deviation."""
    return float((1 / n + (0 if folds is None else 1 / (folds - 1))) ** 0.5)


def _of_tost(row: Numbers, margin: float, folds: int | None) -> Range:
    n, gap = number(row["n"]), row.range("gap")
    size = (0.0 if gap[0] <= 0 <= gap[1] else min(map(abs, gap))), max(map(abs, gap))
    sds = [max(sd, 1e-12) for sd in row.range("sd")]
    possible = [float(stats.t.cdf((one - margin) / (sd * _root(n, folds)), n - 1)) for one, sd in product(size, sds)]
    return min(possible), max(possible)


def holm(p: list[float]) -> list[float]:
    """Holm's correction, step by step."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate([(len(p) - rank) * p[index] for rank, index in enumerate(order)])
    return [float(min(1.0, one)) for one in stepped[np.argsort(order)]]


def of_intervals(rows: list[Numbers], folds: int | None) -> Iterator[str]:
    """The 95 % interval of a gap follows from gap, spread and n."""
    for row in rows:
        if not row.has("gap", "sd", "n", "ci"):
            continue
        n, gap, sd = number(row["n"]), row.range("gap"), row.range("sd")
        reach = [float(stats.t.ppf(0.975, n - 1)) * max(one, 0.0) * _root(n, folds) for one in sd]
        possible = (gap[0] - reach[1], gap[1] - reach[0]), (gap[0] + reach[0], gap[1] + reach[1])
        for printed, (low, high) in zip(row["ci"].strip("[]").split(", "), possible, strict=True):
            if rounded(printed)[1] < low - 1e-9 or rounded(printed)[0] > high + 1e-9:
                yield f"interval of {row}: {possible}"
