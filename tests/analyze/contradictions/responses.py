"""Sentences on train accuracy and the losses, on average and by cell."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import Facts, Json, at, key, key_of_text, prints, same_cells
from tests.analyze.reading import Cell, Report, Said

#: What is decided, by the sentence on some cells and on their mean.
BETTER_IN = {
    "r_better_everywhere": "better",
    "r_better_in": "better",
    "r_equivalent_in": "equivalent",
    "r_undecided_in": "undecided",
    "r_undecided_in_margin": "undecided",
    "r_identical_in": "identical",
    "r_few_in": "not_decidable",
}
ON_AVERAGE = {
    "r_better": "better",
    "r_better_trivial": "better",
    "r_equivalent": "equivalent",
    "r_undecided": "undecided",
    "r_undecided_margin": "undecided",
    "r_identical": "identical",
    "r_few": "not_decidable",
}

Rows = dict[tuple[str, Cell | None], Json]


def _rows(facts: Facts) -> Rows:
    return {
        (row["response"], None if row["cell"] is None else key(row["cell"])): row for row in facts.found["responses"]
    }


def on_average(facts: Facts, report: Report) -> Iterator[str]:
    """The mean over cells as decided, the winner by what is better, and the cells that it leaves out."""
    rows = _rows(facts)
    for one in report.all(*ON_AVERAGE):
        row = rows[one.values["response"], None]
        yield from _as_decided(one, row, ON_AVERAGE[one.kind], facts)
        if not same_cells(one.values["mean_of"], _left_out(row, facts)):
            yield f"{row['response']}: mean without {one.values['mean_of']}"
        if (one.kind == "r_better_trivial") != (ON_AVERAGE[one.kind] == "better" and row["trivial"]):
            yield f"{row['response']}: {one.kind} where trivial is {row['trivial']}"
        numbers = one.values.get("amount")
        if numbers and not prints(numbers[0], row["gap"]):
            yield f"{row['response']}: {numbers[0]} where it is {row['gap']}"


def in_cells(facts: Facts, report: Report) -> Iterator[str]:
    """Each cell once, under what is decided of it; "every cell" means all that were planned."""
    rows, response, told = _rows(facts), "", dict[tuple[str, str], list[Cell]]()
    for one in report.said:
        response = one.values.get("response", response)
        if one.kind not in BETTER_IN:
            continue
        label = one.values["winner"] if BETTER_IN[one.kind] == "better" else BETTER_IN[one.kind]
        for cell, numbers in one.values["items"]:
            told.setdefault((response, label), []).append(cell)
            if cell != ("…",):
                yield from _as_decided(one, rows[response, cell], BETTER_IN[one.kind], facts)
                if numbers and not prints(numbers[0], rows[response, cell]["gap"]):
                    yield f"{response} in {cell}: {numbers[0]} where it is {rows[response, cell]['gap']}"
        if one.kind == "r_better_everywhere" and _left_out(rows[response, None], facts):
            yield f"{response}: {label} better in every cell, some are left out"
    for (name, label), named in told.items():
        found = {cell: row for (other, cell), row in rows.items() if other == name and cell is not None}
        want = {cell for cell, row in found.items() if label == (winner(row, facts) or row["decision"])}
        if not same_cells(named, want):
            yield f"{name}: {label} in {sorted(want)}, named {named}"


def _left_out(row: Json, facts: Facts) -> set[Cell]:
    return {key_of_text(text) for text in row["left_out"]} | facts.left_out


def winner(row: Json, facts: Facts) -> str | None:
    """The level that does better by what is decided of a row."""
    if row["decision"] not in ("first", "second"):
        return None
    return facts.first if (row["decision"] == "first") == (row["better"] == "higher") else facts.second


def _as_decided(one: Said, row: Json, decided: str, facts: Facts) -> Iterator[str]:
    ahead = winner(row, facts)
    if decided != ("better" if ahead else row["decision"]) or one.values.get("winner", ahead) != ahead:
        yield f"{row['response']} in {row['cell']}: {one.kind} where {row['decision']} is decided, {ahead} better"
    if decided == "better" and not at(row["p_signflip"] if row["cell"] is None else row["p_max_t"]):
        yield f"{row['response']} in {row['cell']}: {one.kind} with p = {row['p_max_t']}"
