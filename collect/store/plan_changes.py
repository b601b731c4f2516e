"""How a study that is asked for may differ from the one that lies there: not at all, or by more seeds and levels."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from collect import images, said
from collect.errors import PlanChangedError, StudyError, UnreadableError
from collect.schema import RECIPE_VERSION
from collect.store import keys
from collect.store import plan as plans
from collect.store.place.interface import Store
from collect.store.plan import Plan
from collect.study import own_network, study_file
from collect.study.study import Study


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


def create(store: Store, study: Study, plan: Plan, *, over: bool) -> None:
    """Write study.toml and plan.parquet where there is no plan; of two writers the first wins.

    Args:
        store: where the study is to lie.
        study: data sets as the user names them.
        plan: of the study.
        over: whether a study.toml that lies there may be written over: the study was read from it, say.

    Raises:
        PlanChangedError: a study.toml lies there that asks for something else.
    """
    kept = store.read(keys.NETWORK)
    if study.network and kept not in (None, study.network.source.encode()) and not over:
        raise PlanChangedError(
            f"{store} holds another {keys.NETWORK} than {study.network.file}; choose another --out, or move it away"
        )
    written = store.create(keys.STUDY, plans.text_of(study).encode())
    if not written and (found := _unlike_file(store, study)):
        if not over:
            raise PlanChangedError(
                f"{store} holds a study.toml that asks for another study: {found}; "
                f"choose another --out, or run that one with {said.command('run', store)}"
            )
        store.replace(keys.STUDY, plans.text_of(study).encode())
    plans.write(store, study, plan)


def _unlike_file(store: Store, study: Study) -> str:
    """How the study.toml in the store differs from a study; empty where it does not."""
    try:
        return "; ".join(_differences(_flat(_there(store).to_dict()), _flat(study.to_dict())))
    except (StudyError, UnreadableError) as error:
        return str(error)


def note_moved_images(store: Store, study: Study) -> None:
    """Let study.toml say where the data sets of a study lie now, the study being the one that it asks for."""
    with suppress(StudyError, UnreadableError):
        if _there(store).datasets() != study.datasets():
            store.replace(keys.STUDY, plans.text_of(study).encode())


def _there(store: Store) -> Study:
    """What the study.toml in the store asks for."""
    content = (store.read(keys.STUDY) or b"").decode("utf-8-sig", "replace")
    source = store.read(keys.NETWORK) or b""
    study = study_file.parse(content, str(store), kept=lambda call: own_network.kept(call, source))
    return images.located(study, [Path(str(store))])


def require_same(planned: Plan, asked: Plan, where: str) -> None:
    """Refuse to go on with a study that was planned otherwise.

    Raises:
        PlanChangedError: with what differs.
    """
    found = _all_differences(planned, asked)
    if not found:
        return
    more = planned.trials.keys() < asked.trials.keys()
    hint = "add --extend to train what is new" if more else "run it as it was planned"
    raise PlanChangedError(
        f"{where} was planned otherwise: {'; '.join(found)}; {hint}, or choose another name=NAME or --out"
    )


def extended(planned: Plan, asked: Plan, where: str) -> Plan:
    """The plan that goes on where `planned` ends, marked as extended.

    Raises:
        PlanChangedError: the new plan lacks trials of the old one, or changes the analysis.
    """
    if planned.study["analysis"].get("sequential"):
        raise PlanChangedError(f"{where} grows as its study file declares, with --until-decided, and not by --extend")
    lost = len(planned.trials.keys() - asked.trials.keys())
    every = "; ".join(_all_differences(planned, asked))
    if lost:
        raise PlanChangedError(
            f"{where} cannot be extended: {lost} of its {len(planned.trials)} planned trials are not in the new plan "
            f"({every})"
        )
    if any(_differences(planned.study[key], asked.study[key]) for key in ("name", "analysis")):
        raise PlanChangedError(f"{where} can be extended by seeds and levels only: {every}")
    return Plan({**asked.study, "extended": True}, asked.trials)


def _all_differences(planned: Plan, asked: Plan) -> list[str]:
    """What differs in study, arithmetic and images."""
    found = _differences(_flat(planned.study), _flat(asked.study))
    if planned.network and asked.network and planned.network.sha256 != asked.network.sha256:
        found += [planned.network.difference(asked.network)]
    elif bool(planned.network) != bool(asked.network):
        names = [plan.network.call if plan.network else own_network.BUILT_IN for plan in (planned, asked)]
        found += [f"network was {names[0]}, is {names[1]}"]
    if planned.precision != asked.precision:
        found += [f"precision was {planned.precision}, is {asked.precision}"]
    old, new = planned.data_hashes, asked.data_hashes
    return found + [f"the images of {name} have changed" for name in old if new.get(name, old[name]) != old[name]]


def _flat(study: dict[str, Any]) -> dict[str, Any]:
    """A study's settings by name, whether they are factors or not."""
    apart = ("recipe", "factors", "network", "network_version")  # a network is its source, whatever its file's name
    rest = {key: value for key, value in study.items() if key not in apart}
    return {**rest, **study["recipe"], **study["factors"]}


def _differences(old: Any, new: Any, key: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        names = [k for k in {**old, **new} if k != "extended"]
        return [d for k in names for d in _differences(old.get(k), new.get(k), f"{key}.{k}" if key else k)]
    return [] if old == new else [f"{key} was {_shown(old)}, is {_shown(new)}"]


def _shown(value: Any) -> Any:
    """Seeds as they are asked for: those from 0 on by their number."""
    return len(value) if isinstance(value, list) and len(value) > 1 and value == list(range(len(value))) else value
