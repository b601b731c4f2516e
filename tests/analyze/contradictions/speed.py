"""Sentences on who is faster: over all cells, in each, in the regression, and by the images."""

from collections.abc import Iterator

from tests.analyze.contradictions.facts import Facts, Json, key, prints, prints_interval, same_cells
from tests.analyze.reading import Cell, Report, Said

#: What is decided of a time ratio, by what is said of it; of cells; of the difference in images.
PACES = {
    "faster": "second",
    "slower": "first",
    "equivalent": "equivalent",
    "undecided": "undecided",
    "few": "not_decidable",
}
PACES_IN = {
    "faster_in": "second",
    "slower_in": "first",
    "same_pace_in": "equivalent",
    "pace_open_in": "undecided",
    "pace_few_in": "not_decidable",
}
IMAGES_IN = {
    "more_images_in": "first",
    "fewer_images_in": "second",
    "same_images_in": "identical",
    "images_open_in": "undecided",
    "images_few_in": "not_decidable",
}
IMAGES = {
    "more": "first",
    "fewer": "second",
    "identical": "identical",
    "undecided": "undecided",
    "few": "not_decidable",
}


def _whole(facts: Facts) -> list[Json]:
    """The time ratios over all cells, the primary target first."""
    return [row for row in facts.found["convergence"] if row["model"] == "aft" and row["cell"] is None]


def ratios(facts: Facts, report: Report) -> Iterator[str]:
    """The ratio over all cells and that of the regression."""
    by_target = {f"{100 * row['target']:.1f}".removesuffix(".0") + "%": row for row in _whole(facts)}
    for one in report.all("time_ratio", "time_ratio_equivalent"):
        yield from _paced(one, by_target[one.values["target"]])
    factor = [facts.question["factor"]]
    fitted = [row for row in facts.found["convergence"] if row["model"] == "aft_regression"]
    main = next((row for row in fitted if list(row["at"]) == factor), None)
    for one in report.all("coefficient"):
        yield from _paced(one, main)


def in_cells(facts: Facts, report: Report) -> Iterator[str]:
    """The ratio of each cell, under what is decided of it."""
    target = next((row["target"] for row in _whole(facts)), None)
    rows = [
        row for row in facts.found["convergence"] if (row["model"], row["target"]) == ("aft", target) and row["cell"]
    ]
    inside, named = {key(row["cell"]): row for row in rows}, dict[str, list[Cell]]()
    for one in report.all(*PACES_IN):
        for cell, numbers in one.values["items"]:
            named.setdefault(PACES_IN[one.kind], []).append(cell)
            row = inside.get(cell)
            if row and row["p"] is not None and not prints(numbers[0], row["estimate"]):
                yield f"{one.kind} in {cell}: {numbers[0]} where it is {row['estimate']}"
            if row and one.kind in ("faster_in", "slower_in") and (row["estimate"] < 1) != (one.kind == "faster_in"):
                yield f"{one.kind} in {cell} with {row['estimate']} times the images"
    for one in report.all("no_ratio_in"):
        named.setdefault("undecided", []).extend(one.values["cells"])
        yield from (f"{cell} has an interval" for cell in one.values["cells"] if inside.get(cell, {"p": None})["p"])
    for decision in {row["decision"] for row in rows} if report.all("time_by_cell") else set():
        want = {cell for cell, row in inside.items() if row["decision"] == decision}
        if not same_cells(named.get(decision, []), want):
            yield f"time ratio {decision} in {sorted(want)}, named {named.get(decision)}"


def images_in_cells(facts: Facts, report: Report) -> Iterator[str]:
    """The difference in images of each cell, under what is decided of it."""
    target = next((row["target"] for row in _whole(facts)), None)
    inside = {
        key(row["cell"]): row
        for row in facts.found["convergence"]
        if (row["term"], row["target"]) == ("rmst_difference", target) and row["cell"]
    }
    named = dict[str, list[Cell]]()
    for one in report.all(*IMAGES_IN):
        items = one.values["items"] if "items" in one.values else [(cell, ()) for cell in one.values["cells"]]
        for cell, numbers in items:
            named.setdefault(IMAGES_IN[one.kind], []).append(cell)
            row = inside.get(cell)
            if row and numbers and not prints(numbers[0], row["estimate"]):
                yield f"{one.kind} in {cell}: {numbers[0]} where it is {row['estimate']}"
            if row and numbers and (row["estimate"] > 0) != (one.kind == "more_images_in"):
                yield f"{one.kind} in {cell} with {row['estimate']} images"
    for decision in {row["decision"] for row in inside.values()} if report.all("images_by_cell") else set():
        want = {cell for cell, row in inside.items() if row["decision"] == decision}
        if not same_cells(named.get(decision, []), want):
            yield f"images {decision} in {sorted(want)}, named {named.get(decision)}"


def images(facts: Facts, report: Report) -> Iterator[str]:
    """The difference in images, and whether it is decided unlike the ratio."""
    rows = facts.found["convergence"]
    difference = next((row for row in rows if row["term"] == "rmst_difference" and row["cell"] is None), None)
    for one in report.all("restricted", "restricted_bare"):
        said = one.values["images"]
        if difference is None or IMAGES[said] != difference["decision"]:
            yield f"images {said} where {difference and difference['decision']} is decided"
        elif said in ("more", "fewer") and (difference["estimate"] > 0) != (said == "more"):
            yield f"images {said} with {one.values['number']}"
    if report.all("unreached") and (difference is None or difference["censored_share"] != 1):
        yield f"no run is said to reach the target where {difference and difference['censored_share']} did not"
    if report.all("unlike", "unlike_one") and difference and _whole(facts)[0]["decision"] == difference["decision"]:
        yield "ratio and difference are not decided differently"


def _paced(one: Said, row: Json) -> Iterator[str]:
    pace, _, trivial = one.values["pace"].partition(" ")
    if PACES[pace] != row["decision"] or bool(trivial) != row["trivial"]:
        yield f"{one.kind}: {one.values['pace']} where {row['decision']} is decided"
    if not prints(one.values["number"], row["estimate"]) or not prints_interval(one.values["ci"], row):
        yield f"{one.kind}: {one.values['number']} {one.values['ci']} where it is {row['estimate']}, {row['ci95']}"
    if pace in ("faster", "slower"):
        low, high = row["ci95"]
        if (row["estimate"] < 1) != (pace == "faster") or low <= 1 <= high:
            yield f"{one.kind}: {pace} with {row['estimate']} times the images, [{low}, {high}]"
    if pace == "equivalent":
        low, high = row["ci90"]
        if low < 1 / 1.25 or high > 1.25 or not one.values["ci"].startswith("90"):
            yield f"{one.kind}: equally fast beside {one.values['ci']}"
