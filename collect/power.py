"""What a design can find, by the rules with which `analyze` will decide it."""

from pathlib import Path
from typing import Any

from analyze.errors import AnalyzeError
from analyze.inference.signflip import least_p, least_seeds
from collect.errors import CollectError
from collect.study.explain import ASSUMED_SD_PP, Power
from collect.study.study import Study

# A run only counts seeds; pandas and statsmodels are for the plan.
# ruff: noqa: PLC0415


def seeds_lacking(study: Study) -> int | None:
    """The seeds that an exact test takes, if the study has fewer."""
    alpha = study.analysis.alpha
    return None if least_p(len(study.seeds)) <= alpha else least_seeds(alpha)


def power_of(study: Study, folder: Path) -> Power | None:
    """What the design can find, by the spread of its own trials where the folder has some; None where it asks nothing.

    Args:
        study: the design.
        folder: where its trials lie, or those of a study that has other seeds and levels and is else the same.
    """
    from analyze.inference import power

    seeds, analysis = len(study.seeds), study.analysis
    if analysis.factor not in study.factors:
        return None
    own = _observed_sd(study, folder)
    sd = ASSUMED_SD_PP if own is None else own
    cells = study.number_of_trials // len(study.seeds) // len(study.factors[analysis.factor])
    return Power(
        sd_pp=sd,
        measured_in=None if own is None else str(folder),
        gap_pp=power.smallest_detectable(sd, seeds, power.level_of_one(analysis.alpha, cells)),
        equivalence=power.tost_power(sd, seeds, analysis.margin_of_accuracy, analysis.alpha),
        seeds_needed=power.seeds_for_margin(sd, analysis.margin_of_accuracy, analysis.alpha),
    )


def _observed_sd(study: Study, folder: Path) -> float | None:
    """The sd of a study's own paired differences in percentage points, once there are some that can be read."""
    from analyze.sections.precision import typical_sd
    from analyze.study.load import load
    from collect import images
    from collect.store import open_store
    from collect.store import plan as plans

    if not (folder / "trials.parquet").is_file():
        return None
    named = study.with_datasets(images.short_names(study.datasets()))
    try:
        planned = plans.read(open_store(str(folder))).study
        return typical_sd(load(folder)) if _asks(planned) == _asks(named.to_dict()) else None
    except (AnalyzeError, CollectError):
        return None


def _asks(study: dict[str, Any]) -> object:
    """What a study has in common with itself under other seeds and levels."""
    analysis = {key: study["analysis"][key] for key in ("factor", "contrast")}
    return study.get("dataset"), sorted(study["factors"]), study["recipe"], analysis
