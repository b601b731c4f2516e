"""What the findings have of what sentences speak of, and whether a printed number is theirs."""

import re
from collections.abc import Iterable
from itertools import product
from typing import Any

from tests.analyze.reading import Cell, numbers_of

Json = dict[str, Any]
ALPHA = 0.05


class Facts:
    """The findings of a study, by what sentences speak of."""

    def __init__(self, found: Json) -> None:
        self.found, self.primary, self.question = found, found["primary"], found["question"]
        levels = found["study"]["factors"][self.question["factor"]]
        self.first, self.second = map(str, self.question["contrast"] or levels[:2])
        self.margin = self.primary["equivalence"]["margin"]
        self.response = self.question["response"]
        self.failures = found["failures"]
        self.failed = {
            key(row["cell"])
            for row in self.failures
            if row["cell"] and (row["failed_first"] + row["failed_second"] or self.question["threshold"] is not None)
        }
        if self.failures and not self.question["moderators"]:
            self.failed.add(())
        # Over folds the t test decides: no flips are exact there.
        self.deciding = "p_max_t" if self.question["folds"] is None else "p_t_holm"
        mode = self.primary["bn_mode"]
        self.cells = {
            key(row["cell"]): row
            for row in found["simple_effects"]
            if row["scale"] == self.response["scale"] and row["bn_mode"] == mode
        }
        self.effects = {
            tuple(row["effect"].split(":")): row
            for row in found["anova"]
            if (row["response"], row["scale"], row["bn_mode"])
            == (self.primary["response"], self.response["scale"], mode)
            and row["decision"] is not None
        }
        factors = found["study"]["factors"]
        self.planned = {
            tuple(map(str, one)) for one in product(*(factors[name] for name in self.question["moderators"]))
        }
        self.planned |= {key_of_text(one) for one in self.primary["left_out"]}

    @property
    def contrast(self) -> str:
        """The contrast as it is printed."""
        return f"{self.first} − {self.second}"

    @property
    def by_looks(self) -> bool:
        """Whether looks that were declared decide the cells, not p values corrected over them."""
        growth = self.found["growth"]
        return growth is not None and growth["declared"]

    @property
    def decisions(self) -> set[str]:
        """What is decided of the cells."""
        return {row["decision"] for row in self.cells.values()}

    @property
    def left_out(self) -> set[Cell]:
        """Cells that the headline leaves out."""
        return {key_of_text(one) for one in self.primary["left_out"]}

    @property
    def shown(self) -> set[tuple[str, ...]]:
        """Interactions that were shown, without the primary factor."""
        factor = self.question["factor"]
        return {
            tuple(name for name in names if name != factor)
            for names, row in self.effects.items()
            if row["decision"] == "differs"
        }

    def level(self, decision: str) -> str | None:
        """The level that is ahead by this decision: that of the larger values, or where lower is better the other."""
        ahead = (self.first, self.second)[:: -1 if self.response["better"] == "lower" else 1]
        return dict(zip(("first", "second"), ahead, strict=True)).get(decision)

    @property
    def said_ahead(self) -> str:
        """How a table says that a level is ahead."""
        extreme = {"higher": "higher", "lower": "lower", "neither": "higher"}[self.response["better"]]
        return "ahead" if self.response["name"] == "test_accuracy" else extreme

    @property
    def leader(self) -> tuple[str, str]:
        """The level that is ahead in the answer, and the other: by the pairs won if a run failed, else by the mean."""
        if not self.failures:
            return self.ahead(self.primary["estimate"])
        return (self.first, self.second) if (self.failures[0]["win_rate"] or 0) >= 0.5 else (self.second, self.first)

    def ahead(self, gap: float | None) -> tuple[str, str]:
        """The level that is ahead by a gap, and the other."""
        turned = -(gap or 0.0) if self.response["better"] == "lower" else gap or 0.0
        return (self.first, self.second) if turned >= 0 else (self.second, self.first)

    def decision(self, level: str) -> str:
        """What is decided where this level is ahead."""
        return next(decision for decision in ("first", "second") if self.level(decision) == level)


def key(cell: Json) -> Cell:
    """A cell by its levels."""
    return tuple(map(str, cell.values()))


def key_of_text(text: str) -> Cell:
    """The same of a cell as the JSON names it in a list, "depth 2, relu" or "depth=2"."""
    return tuple(part.split("=")[-1].split()[-1] for part in text.split(", ") if part)


def prints(printed: str, value: float | None) -> bool:
    """Whether this is how the value is printed, to its digits."""
    number = re.sub(r" [a-z]+$", "", printed.replace("−", "-").replace(",", ""))
    if value is None or number.startswith("–"):
        return value is None and number[0] == "–"
    mantissa, _, power = number.partition(" × 10^")
    unit = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    return abs(float(mantissa) * 10.0 ** int(power or 0) - value) <= 0.5001 * unit * max(
        1.0, 10.0 ** (len(mantissa) - 12)
    )


def prints_p(printed: str, value: float | None) -> bool:
    """Whether this is the p."""
    shown = printed.removeprefix("p ").removeprefix("= ").removeprefix("=")
    if value is None or shown == "–":
        return value is None and shown == "–"
    if shown[0] in "<>":
        return value < 0.001 if shown[0] == "<" else value >= 0.9995
    return abs(float(shown) - value) <= 0.000501


def ends(printed: str | None) -> tuple[float, float] | None:
    """The ends of a printed interval."""
    if printed is None:
        return None
    low, high = numbers_of(printed.partition("[")[2])
    return float(low.replace("−", "-").replace(",", "")), float(high.replace("−", "-").replace(",", ""))


def prints_interval(printed: str | None, row: Json) -> bool:
    """Whether this is the 95 or the 90 % interval of a row, as it says."""
    bounds = row["ci95" if printed is None or printed.startswith("95") else "ci90"]
    if printed is None or bounds is None:
        return printed is None and bounds is None
    return all(prints(one, end) for one, end in zip(numbers_of(printed.partition("[")[2]), bounds, strict=True))


def outside(bounds: Iterable[float] | None) -> bool:
    """Whether an interval leaves out zero."""
    low, high = bounds or (0.0, 0.0)
    return low > 0 or high < 0


def at(p: float | None) -> bool:
    """Whether a p decides."""
    return p is not None and p <= ALPHA


def same_cells(named: list[Cell], wanted: set[Cell]) -> bool:
    """Whether these cells are named and no others; a list that is cut short names some of them and has more."""
    if named and named[-1] == ("…",):
        return set(named[:-1]) <= wanted and len(wanted) > len(named) - 1
    return set(named) == wanted and len(named) == len(wanted)
