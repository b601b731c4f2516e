"""How a study that is asked for may differ from the one that lies there: not at all, or by more seeds and levels."""

from typing import Any

from collect.errors import PlanChangedError
from collect.schema import RECIPE_VERSION
from collect.store.plan import Plan


def require_trainable(planned: Plan, where: str) -> None:
    """Refuse to train for a study of an earlier recipe version.

    Raises:
        PlanChangedError: it is one.
    """
    if planned.recipe_version != RECIPE_VERSION:
        raise PlanChangedError(
            f"{where} was planned by recipe version {planned.recipe_version}, this is version {RECIPE_VERSION}; "
            "choose another --out, or go on with the release that planned it"
        )


def require_same(planned: Plan, asked: Plan, where: str) -> None:
    """Refuse to go on with a study that was planned otherwise.

    Raises:
        PlanChangedError: with what differs.
    """
    differences = _differences(planned.study, asked.study, "")
    if planned.precision != asked.precision:
        differences += [f"precision was {planned.precision}, is {asked.precision}"]
    if planned.trials.keys() != asked.trials.keys() and not differences:
        differences = ["the images of a data set have changed"]
    if not differences:
        return
    hint = "; --extend accepts more seeds and levels" if planned.trials.keys() < asked.trials.keys() else ""
    raise PlanChangedError(
        f"{where} was planned otherwise: {'; '.join(differences)}; "
        f"choose another --out, or run it as it was planned{hint}"
    )


def extended(planned: Plan, asked: Plan, where: str) -> Plan:
    """The plan that goes on where `planned` ends, marked as extended.

    Raises:
        PlanChangedError: the new plan lacks trials of the old one, or changes the analysis.
    """
    lost = len(planned.trials.keys() - asked.trials.keys())
    if lost:
        raise PlanChangedError(
            f"{where} cannot be extended: {lost} of its {len(planned.trials)} planned trials are not in the new plan "
            f"({'; '.join(_differences(planned.study, asked.study, '')) or 'precision or images have changed'})"
        )
    changed = [d for key in ("name", "analysis") for d in _differences(planned.study[key], asked.study[key], key)]
    if changed:
        raise PlanChangedError(f"{where} can be extended by seeds and levels only: {'; '.join(changed)}")
    return Plan({**asked.study, "extended": True}, asked.trials)


def _differences(old: Any, new: Any, key: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [k for k in {**old, **new} if k != "extended"]
        return [d for k in keys for d in _differences(old.get(k), new.get(k), f"{key}.{k}" if key else k)]
    return [] if old == new else [f"{key} was {old}, is {new}"]
