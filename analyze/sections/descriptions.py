"""Descriptions without a test: cells, learning curves over seeds, stuck runs, and the facts of the methods section."""

from importlib.metadata import version

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.findings import RATIO_MARGIN, BnMode, Cell, CellSummary, CurvePoint, Level, Response, Why, because
from analyze.inference import power
from analyze.inference.paired import spread
from analyze.inference.signflip import least_p
from analyze.measures import response
from analyze.measures.time_to_target import Curves
from analyze.study.cells import cells_of, trials_of
from analyze.study.load import StudyData
from analyze.study.pairing import arms, codes_of, equal_hashes, one_start, shared_parameters
from analyze.study.question import Design
from collect import schema

Fact = str | int | float | bool | list[str] | None

#: A trained network within this many binomial standard errors of guessing the majority class is stuck.
STUCK_SE = 3.0

#: Seed of the simulation behind detectable_sd_ratio, and the number of seeds from which on it is not needed.
SPREAD_SEED, MANY_SEEDS = 1970, 200

#: This release and the libraries whose numbers are printed.
LIBRARIES = ("ordering-effect", "numpy", "pandas", "scipy", "statsmodels", "pingouin")

#: The band of a learning curve holds the central 80 % of the seeds.
BAND = (0.1, 0.9)


def stuck(study: StudyData) -> NDArray[np.bool_] | None:
    """Completed trials whose accuracy is no better than guessing, one a trial; None where guessing is unknown.

    Guessing scores the share of the most frequent class. Where the study does not say it, guessing is what diverged
    trials score: 1/classes.
    """
    trials, score = study.trials, response.accuracy(study, "running")
    completed = ((trials["status"] == "completed") & trials.index.isin(study.ran.index)).to_numpy()
    diverged = score[(trials["status"] == "diverged").to_numpy()]
    unknown = float(np.median(diverged)) / 100 if len(diverged) else np.nan
    known = trials.get("majority_share", pd.Series(np.nan, trials.index))
    guess = known.astype(float).fillna(unknown).to_numpy()
    if np.isnan(guess[completed]).any() or "test_n" not in trials or not study.design.response.is_accuracy:
        return None
    se = np.sqrt(guess * (1 - guess) / trials["test_n"].to_numpy(dtype=float))
    guessing = score <= 100 * (guess + STUCK_SE * se)
    return np.asarray(guessing & completed)


def cells(study: StudyData) -> list[tuple[CellSummary, Why]]:
    """The response of every level of the primary factor in every cell, with each seed's value."""
    design, trials = study.design, study.trials
    names, number = cells_of(study)
    levels = design.factors[design.factor]
    codes = codes_of(trials[design.factor], levels)
    seeds = trials["seed"].to_numpy()
    rows = []
    for mode in response.modes(study):
        values = response.values(study, mode)
        together = trials_of(number, codes, len(levels), among=np.isfinite(values))
        for index, cell in enumerate(names):
            for code, level in enumerate(levels):
                here = together.get((index, code))
                if here is not None:
                    here = here[np.argsort(seeds[here])]
                    by_seed = dict(zip(map(str, seeds[here]), map(float, values[here]), strict=True))
                    rows.append(_cell(cell, level, mode, by_seed))
    return rows


def _cell(cell: Cell, level: Level, mode: BnMode, by_seed: dict[str, float]) -> tuple[CellSummary, Why]:
    values = np.array(list(by_seed.values()))
    several = len(values) > 1
    row = CellSummary(
        cell=cell,
        level=level,
        bn_mode=mode,
        n=len(values),
        mean=float(values.mean()),
        sd=spread(values) if several else None,
        values=by_seed,
    )
    return row, {} if several else {"sd": because("one_run")}


def learning_curves(study: StudyData, curves: Curves) -> list[CurvePoint]:
    """Median accuracy over seeds with the central 80 %, for every cell, level and evaluation point."""
    design = study.design
    names, number = cells_of(study)
    points = curves.points
    trial = points["trial"].to_numpy()
    levels = design.factors[design.factor]
    rank = codes_of(study.trials[design.factor], levels)
    table = pd.DataFrame(
        {
            "cell": number[trial],
            "rank": rank[trial],
            "examples": points["examples_seen"],
            "accuracy": 100 * points["accuracy"],
        }
    )
    accuracy = table.groupby(["cell", "rank", "examples"])["accuracy"]
    bands = accuracy.quantile(np.array([BAND[0], 0.5, BAND[1]])).unstack()  # noqa: PD010  # quantiles become columns
    bands["n"] = accuracy.size()
    return [
        CurvePoint(
            cell=names[cell],
            level=levels[one],
            eval_set=curves.eval_set,
            bn_mode=curves.bn_mode,
            examples_seen=int(examples),
            accuracy=float(middle),
            low=float(low),
            high=float(high),
            n_seeds=int(n),
        )
        for (cell, one, examples), (low, middle, high, n) in zip(bands.index, bands.to_numpy(), strict=True)
    ]


def methods(study: StudyData) -> dict[str, Fact]:
    """What the methods section needs: the recipe, the data, where trials ran, and how they were analysed."""
    design, trials = study.design, study.trials
    settings = [column.name for column in schema.FACTORS + schema.DATASET + schema.RECIPE + schema.OUTCOME]
    fixed: dict[str, Fact] = {}
    told = _FACTS - _without_effect(study)
    for name in settings:
        if name in trials and name in told and name not in design.factors:
            levels = trials[name].dropna().unique()
            if len(levels):
                fixed[name] = (
                    getattr(levels[0], "item", lambda v=levels[0]: v)() if len(levels) == 1 else _listed(levels)
                )
    if study.metadata and study.metadata.environments:
        fixed["environments"] = [_described(environment) for environment in study.metadata.environments]
    return fixed | {
        "primary_factor": design.factor,
        **({"contrast": design.contrast_name} if design.declared else {}),
        **_margin(design.response),
        "ratio_margin": RATIO_MARGIN,
        "targets": [f"{target:g}" for target in design.targets],
        "alpha": design.alpha,
        "seeds": len(study.seeds),
        "analysed_with": [f"{name} {version(name)}" for name in LIBRARIES],
        **(_pairing(study) | _resolution(study) if design.paired and design.declared else {}),
        **_shared(design),
        **_own_network(study),
        "parts_digest": study.metadata.parts_digest if study.metadata else None,
    }


def _margin(compared: Response) -> dict[str, Fact]:
    """The margin of equivalence, by a name that says its unit; on the log scale as the ratio that was declared."""
    if compared.is_accuracy:
        return {"margin_pp": compared.margin}
    if compared.margin is None:
        return {}
    return (
        {"margin_as_ratio": float(np.exp(compared.margin))} if compared.scale == "log" else {"margin": compared.margin}
    )


def _shared(design: Design) -> dict[str, Fact]:
    """Settings of a table of somebody's own that all trials share."""
    shared = [f"{name}={level}" for name, level in design.shared.items() if name not in _FACTS]
    return {"shared_settings": shared} if shared else {}


def _own_network(study: StudyData) -> dict[str, Fact]:
    """A network that is not the collector's, with the settings of its own that all trials share."""
    if study.own_network is None or study.metadata is None:
        return {}
    recipe = study.metadata.study.recipe
    known = {column.name for column in schema.SETTINGS if column.name in schema.ANY_NETWORK}
    own = {name: level for name, level in recipe.items() if name not in known}
    shared = [f"{name}={level}" for name, level in own.items() if isinstance(level, str | int | float)]
    return {"network": study.own_network} | ({"shared_settings": shared} if shared else {})


def _without_effect(study: StudyData) -> set[str]:
    """Settings of BatchNorm, where a network of one's own has none: nothing was evaluated by batch statistics."""
    none = study.own_network is not None and not np.isfinite(response.accuracy(study, "batch")).any()
    return {"bn_momentum", "bn_eps"} if none else set()


def _pairing(study: StudyData) -> dict[str, Fact]:
    """How many pairs began with the same weights and saw the same batches, and how far others and seeds start alike."""
    found = equal_hashes(study.trials, study.design)
    if found is None:
        return {}
    whole, batches, pairs = found
    facts: dict[str, Fact] = {
        "pairs": pairs,
        "pairs_with_equal_hashes": whole,
        "pairs_with_equal_batches": batches,
    }
    shared = shared_parameters(study.trials, study.design)
    if shared:
        facts |= {"least_shared_parameters": shared[0], "most_shared_parameters": shared[1]}
    return facts | ({"one_start": True} if one_start(study.trials, study.design) else {})


def _resolution(study: StudyData) -> dict[str, Fact]:
    """What so many seeds can show at best, and which pairs are incomplete."""
    paired = arms(study.trials, response.values(study), study.design)
    seeds, unit = int(paired.complete.sum()), "seed" if study.design.folds is None else "fold"
    lost = [
        f"{unit} {paired.seeds[row]}: {', '.join(f'{name}={level}' for name, level in paired.cells[column].items())}"
        for row, column in np.argwhere(~np.isfinite(paired.difference))
    ]
    facts: dict[str, Fact] = {} if study.design.folds else {"least_p_signflip": least_p(seeds) if seeds else None}
    if lost:
        facts["incomplete_pairs"] = lost
    if (
        study.design.threshold is None
        and study.design.folds is None
        and least_p(seeds) <= study.design.alpha
        and seeds < MANY_SEEDS
    ):
        # Of one cell and corrected over all of them, as the test of spread is; None where no ratio is large enough.
        level = power.level_of_one(study.design.alpha, int(paired.present.sum()))
        facts["detectable_sd_ratio"] = power.detectable_spread_ratio(seeds, np.random.default_rng(SPREAD_SEED), level)
    return facts


_FACTS = {column.name for column in schema.FACTORS + schema.DATASET + schema.RECIPE} | {
    "test_n",
    "train_n",
    "device",
    "precision",
    "stack_size",
}


def _listed(levels: "np.ndarray[tuple[int], np.dtype[np.generic]]") -> list[str]:
    return sorted(str(level) for level in levels)


def _described(environment: dict[str, object]) -> str:
    """An environment of the collector on one line, "python 3.11.2, torch 2.3.0, …"."""
    flat: dict[str, object] = {}
    for key, value in environment.items():
        flat |= value if isinstance(value, dict) else {key: value}
    return ", ".join(f"{key} {value}" for key, value in flat.items() if value is not None)
