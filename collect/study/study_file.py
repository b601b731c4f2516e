"""Study files: small TOML, in which a list under [factors] makes a factor. Presets, changes, and words for mistakes."""

import os
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from importlib import resources
from pathlib import Path
from typing import Any

from collect.errors import StudyError, closest
from collect.schema import CORE_FACTORS
from collect.study import changes as changing
from collect.study import growth, responses
from collect.study.changes import SECTIONS, TOP_KEYS, loads, shown
from collect.study.legal import closest_setting, declaring, problem_of
from collect.study.own_network import BUILT_IN, OwnNetwork, fields_of, found, settings_from
from collect.study.study import Analysis, Level, Study
from collect.study.trial import Settings

#: A preset is a folder here: its study file, a README and, if it has one of its own, its network.
PRESETS = Path(str(resources.files("collect.study") / "presets"))
#: A study of more trials than this is taken for a mistake, as is a larger number of seeds than the next.
MOST_TRIALS, MOST_SEEDS = 1_000_000, 100_000
#: A study file is smaller than this: one with so many seeds written out is.
MOST_BYTES = 2**21
#: A table of more keys, or a factor of more levels, is taken for a mistake.
MOST_KEYS, MOST_LEVELS = 100, 10_000
#: Mistakes that are named.
MOST_NAMED = 10
#: The factor and contrast of a study that names none.
DEFAULT = Analysis().factor, Analysis().contrast


def presets() -> dict[str, str]:
    """The study file of each preset as text, by name."""
    files = {folder.name: folder / "study.toml" for folder in PRESETS.iterdir()}
    return {name: file.read_text(encoding="utf-8") for name, file in files.items() if file.is_file()}


def read(source: str, changes: Sequence[str] = ()) -> Study:
    """Read a study from a preset's name, a TOML file or a study's folder, then apply KEY=VALUE changes.

    A network of one's own is read beside it, and not run.

    Raises:
        StudyError: naming every mistake at once, each with the closest legal choice.
    """
    text, where, beside = _source_text(source)
    return parse(text, where, changes, beside=beside)


def parse(
    text: str,
    where: str,
    changes: Sequence[str] = (),
    *,
    beside: Path = Path(),
    kept: Callable[[str], OwnNetwork] | None = None,
) -> Study:
    """The study in a study file's text. Raises as `read` does.

    Args:
        text: of the file.
        where: what it is called.
        changes: KEY=VALUE.
        beside: the folder that the file of its network counts from; one that is named among the changes counts from
            the current one.
        kept: what finds the network that the text itself names, where that is not on this machine.
    """
    try:
        raw = loads(text)
    except (ValueError, RecursionError) as error:
        raise StudyError(f"{where} is not valid TOML: {error}") from None
    named = [change for change in changes if change.partition("=")[0].strip() == "network"]
    misread = changing.apply(raw, named)
    bases = [Path(), beside] if named else [beside, Path()]
    network = _network(raw.get("network", BUILT_IN), kept if kept and not named else lambda call: found(call, bases))
    misread += changing.apply(raw, [change for change in changes if change not in named], fields_of(network))
    raw.setdefault("name", Path(where).resolve().stem)
    return resolve(raw, where, misread, network)


def _network(call: object, find: Callable[[str], OwnNetwork]) -> OwnNetwork | None:
    """The network that is named; None is the built-in one."""
    if not isinstance(call, str):
        raise StudyError(
            f"network must be one, {BUILT_IN!r} or 'file.py:function', not {shown(call)}; what is to be compared is "
            "a setting of the function that builds it"
        )
    return None if call == BUILT_IN else find(call)


def is_place(source: str) -> bool:
    """Whether this names where a study lies, a folder or a URL; what is called as a preset names the preset."""
    return "://" in source or (source not in presets() and os.path.isdir(source))  # noqa: PTH112  # see _source_text


def _source_text(source: str) -> tuple[str, str, Path]:
    """A study file's text, what it is called in messages, and the folder in which its network stands."""
    named = presets()
    if source in named:
        return named[source], source, PRESETS / source
    path = Path(source)
    if os.path.isdir(source):  # noqa: PTH112  # where a name is longer than any file's, this says no
        path = path / "study.toml"
        if not path.is_file():
            raise StudyError(
                f"{source} is a folder without a study.toml; name a study's folder, a TOML file or a preset"
            )
    if os.path.isfile(path):  # noqa: PTH113  # likewise
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
            text = content.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(f"{path} cannot be read: {error}") from None
        if len(content) > MOST_BYTES:
            raise StudyError(f"{path} is no study file: it is larger than {MOST_BYTES:,} bytes")
        return text, str(path), path.parent
    raise StudyError(
        f"there is no study {shown(source)}: no such file, folder or preset; "
        f"{closest(source if source.isidentifier() else '', named)}"
    )


def resolve(raw: dict[str, Any], where: str, misread: Sequence[str] = (), network: OwnNetwork | None = None) -> Study:
    """The study that plain values describe. Raises as `read` does, `misread` too.

    Args:
        raw: the values.
        where: where they stand.
        misread: mistakes found before.
        network: that `raw` names; None is the built-in one.
    """
    unknown = [key for key in raw if key not in TOP_KEYS]
    mistakes = [*misread]
    mistakes += [f"unknown key {shown(key)}, {_closest_key(key)}" for key in unknown[: MOST_NAMED + 1]]
    for table in SECTIONS:
        if not isinstance(raw.get(table, {}), dict):
            mistakes.append(f"{table} must be a table [{table}]")
            raw = {**raw, table: {}}
        elif len(raw.get(table, {})) > MOST_KEYS:
            mistakes.append(f"[{table}] has {len(raw[table]):,} keys, more than there are")
            raw = {**raw, table: {}}
    factors = _factors(raw.get("factors", {}), network, mistakes)
    recipe = _recipe(raw, factors, network, mistakes)
    seeds = _seeds(raw.get("seeds", 10), mistakes)
    name = raw.get("name")
    if not _is_name(name):
        mistakes.append("name must be of 1 to 200 printable characters, none of them a slash and the first no dot")
        name = "study"
    faulty = raw.get("factors", {}).keys() - factors
    analysis = _analysis(raw.get("analysis", {}), factors, faulty, mistakes, own=network is not None)
    mistakes += growth.mistakes(analysis, len(seeds), MOST_SEEDS)
    if mistakes:
        more = "; and more mistakes than these" if len(mistakes) > MOST_NAMED else ""
        raise StudyError(f"{where}: {'; '.join(mistakes[:MOST_NAMED])}{more}")
    study = Study(name=name, seeds=seeds, factors=factors, recipe=recipe, analysis=analysis)
    trials = growth.most_trials(study)
    if trials > MOST_TRIALS:
        raise StudyError(
            f"{where} asks for {trials:,} trials, more than {MOST_TRIALS:,}; is that meant? "
            "A study as large has to be split in several"
        )
    return study


def _is_name(name: object) -> bool:
    """Whether a study, and thereby its folder, can be called so."""
    return (
        isinstance(name, str)
        and bool(name.strip())
        and len(name) <= 200
        and name.isprintable()
        and not {"/", "\\"} & set(name)
        and not name.startswith(".")
    )


def _closest_key(key: str) -> str:
    if key in Settings.model_fields:
        return f"did you mean 'recipe.{key}' or, as a list, 'factors.{key}'?"
    return closest(key, TOP_KEYS)


def _factors(table: Mapping[str, Any], network: OwnNetwork | None, mistakes: list[str]) -> dict[str, tuple[Level, ...]]:
    factors: dict[str, tuple[Level, ...]] = {}
    fields = fields_of(network)
    for key, levels in table.items():
        if key not in fields:
            mistakes.append(f"unknown factor {shown(key)}, {closest_setting(key, network)}")
        elif not isinstance(levels, list) or not levels:
            mistakes.append(f"factors.{key} must be a list of at least one level")
        elif len(levels) > MOST_LEVELS:
            mistakes.append(f"factors.{key} has {len(levels):,} levels, more than {MOST_LEVELS:,}")
        elif problems := [p for level in levels if (p := problem_of(declaring(network, key), key, level))]:
            mistakes += [f"factors.{key}: {problem}" for problem in problems]
        else:
            typed = tuple(float(level) if fields[key].annotation is float else level for level in levels)
            if len(set(typed)) < len(typed):
                mistakes.append(f"factors.{key} names a level twice")
            factors[key] = typed
    ordered = list(factors) if network else [*CORE_FACTORS, *(key for key in fields if key not in CORE_FACTORS)]
    return {key: factors[key] for key in ordered if key in factors}


def _recipe(
    raw: Mapping[str, Any], factors: Mapping[str, Any], network: OwnNetwork | None, mistakes: list[str]
) -> Settings:
    values = dict(raw.get("recipe", {}))
    if "dataset" in raw:
        mistakes += [
            f"dataset stands both at the top and in [{table}]; keep one"
            for table, keys in (("factors", factors), ("recipe", values))
            if "dataset" in keys
        ]
        values = {"dataset": raw["dataset"]} | values if "dataset" not in factors else values
    good = {}
    fields = fields_of(network)
    for key, value in values.items():
        if key not in fields:
            mistakes.append(f"unknown setting recipe.{key}, {closest_setting(key, network)}")
        elif key in factors:
            mistakes.append(f"{key} stands both in [factors] and in [recipe]; keep one")
        elif problem := problem_of(declaring(network, key), key, value):
            hint = " (a list belongs under [factors])" if isinstance(value, list) else ""
            mistakes.append(f"{'' if key == 'dataset' else 'recipe.'}{key}: {problem}{hint}")
        else:
            good[key] = float(value) if fields[key].annotation is float else value
    lacking = [key for key, field in fields.items() if field.is_required() and key not in {**good, **factors, **values}]
    mistakes += [f"{key} has no default in {network and network.call}; give it one level or several" for key in lacking]
    placeholders = {key: factors[key][0] for key in fields if fields[key].is_required() and key in factors}
    return settings_from({**placeholders, **good}, network) if not lacking else Settings()


def _seeds(value: object, mistakes: list[str]) -> tuple[int, ...]:
    def natural(number: object) -> bool:
        return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**31

    if isinstance(value, int) and natural(value) and value > MOST_SEEDS:
        mistakes.append(f"seeds = {value} asks for as many seeds; for one seed of that value write seeds = [{value}]")
        return ()
    if natural(value) and value:
        return tuple(range(value))  # type: ignore[call-overload]  # natural() has narrowed it
    if isinstance(value, list) and value and all(map(natural, value)) and len(set(value)) == len(value):
        return tuple(value)
    mistakes.append(
        f"seeds must be a positive number or a list of distinct non-negative whole numbers, not {shown(value)}"
    )
    return ()


def _analysis(
    table: Mapping[str, Any],
    factors: Mapping[str, Sequence[Level]],
    faulty: AbstractSet[str],
    mistakes: list[str],
    *,
    own: bool,
) -> Analysis:
    """Of a factor that is faulty itself nothing more is said."""
    good = {}
    for key, value in table.items():
        if key not in Analysis.model_fields:
            mistakes.append(f"unknown key analysis.{key}, {closest(key, Analysis.model_fields)}")
        elif problem := problem_of(Analysis, key, value):
            mistakes.append(f"analysis.{key}: {problem}")
        else:
            good[key] = value
    analysis = Analysis(**good)
    mistakes += responses.mistakes(analysis)
    if own and "factor" not in table:
        mistakes.append("analysis.factor must name the primary factor, and analysis.contrast two of its levels")
    elif analysis.factor not in faulty and (analysis.factor, analysis.contrast) != DEFAULT:
        levels = factors.get(analysis.factor, ())
        if analysis.factor not in factors:
            mistakes.append(
                f"analysis.factor: {shown(analysis.factor)} is not a factor; {closest(analysis.factor, factors)}"
            )
        elif len(set(analysis.contrast)) < 2 or not set(analysis.contrast) <= set(levels):
            named = ", ".join(map(str, levels))
            mistakes.append(f"analysis.contrast must name two different levels of {analysis.factor}: {named}")
    return analysis
