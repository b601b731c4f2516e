"""A study: factors x recipe x seeds, read from a small TOML file. A list under [factors] makes a factor."""

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from collect.errors import StudyError, closest
from collect.schema import CORE_FACTORS
from collect.trial import Precision, Settings, Trial

TABLES = ("factors", "recipe", "analysis")
TOP_KEYS = ("name", "dataset", "seeds", *TABLES)
Level = str | int | float | bool


class Analysis(BaseModel):
    """What the study sets out to test; fixed before the data."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    factor: Annotated[str, Field(description="primary factor")] = "ordering"
    contrast: Annotated[list[Level], Field(min_length=2, max_length=2, description="first level minus second")] = [
        "act_bn",
        "bn_act",
    ]
    margin_pp: Annotated[float, Field(gt=0, lt=100, description="equivalence margin in percentage points")] = 0.1
    targets: Annotated[
        list[Annotated[float, Field(gt=0, lt=1)]],
        Field(min_length=1, description="accuracies for time-to-target; the first is primary"),
    ] = [0.95, 0.97]
    alpha: Annotated[float, Field(gt=0, lt=1, description="level of the tests")] = 0.05


class Study(BaseModel):
    """A resolved study: every setting has a value, every factor its levels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    seeds: tuple[int, ...]
    factors: dict[str, tuple[Level, ...]]
    recipe: Settings
    analysis: Analysis

    def cells(self) -> Iterator[Settings]:
        """Every combination of levels, in the order in which the factors are declared."""
        for levels in itertools.product(*self.factors.values()):
            yield self.recipe.model_copy(update=dict(zip(self.factors, levels, strict=True)))

    def trials(self, data_hashes: Mapping[str, str], precision: Precision) -> Iterator[Trial]:
        """All trials, seed by seed, so that an interrupted study holds complete seeds.

        Args:
            data_hashes: content hash of each data set in the study, by name.
            precision: arithmetic of the training run.
        """
        cells = list(self.cells())
        return (
            Trial(settings=cell, seed=seed, precision=precision, data_hash=data_hashes[cell.dataset])
            for seed in self.seeds
            for cell in cells
        )

    def datasets(self) -> tuple[str, ...]:
        """The data sets the study needs."""
        return tuple(str(name) for name in self.factors.get("dataset", (self.recipe.dataset,)))

    def to_dict(self) -> dict[str, Any]:
        """The study as plain values: the form of the study file and of the tables' metadata."""
        fixed = {k: v for k, v in self.recipe.model_dump().items() if k not in self.factors}
        dataset = {"dataset": fixed.pop("dataset")} if "dataset" in fixed else {}
        return {
            "name": self.name,
            **dataset,
            "seeds": list(self.seeds),
            "factors": {name: list(levels) for name, levels in self.factors.items()},
            "recipe": fixed,
            "analysis": self.analysis.model_dump(),
        }

    def to_toml(self) -> str:
        """The study as a study file with every default written out."""
        return tomli_w.dumps(self.to_dict())


def presets() -> dict[str, str]:
    """The text of each preset, by name."""
    files = resources.files("collect") / "presets"
    return {Path(f.name).stem: f.read_text(encoding="utf-8") for f in files.iterdir() if f.name.endswith(".toml")}


def read(source: str, changes: Sequence[str] = ()) -> Study:
    """Read a study from a preset's name, a TOML file or a study's folder, then apply KEY=VALUE changes.

    Raises:
        StudyError: naming every mistake at once, each with the closest legal choice.
    """
    return parse(*_source_text(source), changes)


def parse(text: str, where: str, changes: Sequence[str] = ()) -> Study:
    """The study in a study file's text; `where` is what it is called. Raises as `read` does."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{where} is not valid TOML: {error}") from None
    for change in changes:
        _apply(raw, change)
    raw.setdefault("name", Path(where).resolve().stem)
    return _resolve(raw, where)


def _source_text(source: str) -> tuple[str, str]:
    path = Path(source)
    if path.is_dir():
        path = path / "study.toml"
        if not path.is_file():
            raise StudyError(
                f"{source} is a folder without a study.toml; name a study's folder, a TOML file or a preset"
            )
    named = presets()
    if path.is_file():
        try:
            return path.read_text(encoding="utf-8"), str(path)
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(f"{path} cannot be read: {error}") from None
    if source in named:
        return named[source], source
    raise StudyError(f"there is no study {source!r}: no such file, folder or preset; {closest(source, named)}")


def _apply(raw: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals:
        raise StudyError(f"--set {change!r} is not KEY=VALUE; write for example --set recipe.epochs=1")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    table, dot, name = key.strip().rpartition(".")
    if not dot:
        raw[name] = value
        return
    if table not in TABLES:
        raise StudyError(f"--set {key}: there is no table {table!r}; {closest(table, TABLES)}")
    for other in ("factors", "recipe"):
        if table in ("factors", "recipe") and isinstance(raw.get(other), dict):
            raw[other].pop(name, None)
    raw.setdefault(table, {})[name] = value


def _resolve(raw: dict[str, Any], where: str) -> Study:
    mistakes = [f"unknown key {key!r}, {_closest_key(key)}" for key in raw if key not in TOP_KEYS]
    for table in TABLES:
        if not isinstance(raw.get(table, {}), dict):
            mistakes.append(f"{table} must be a table [{table}]")
            raw = {**raw, table: {}}
    factors = _factors(raw.get("factors", {}), mistakes)
    recipe = _recipe(raw, factors, mistakes)
    seeds = _seeds(raw.get("seeds", 10), mistakes)
    name = raw.get("name")
    if not isinstance(name, str) or not name.strip() or {"/", "\\", "\0"} & set(name) or name.startswith("."):
        mistakes.append("name must be a non-empty string without slashes that does not start with a dot")
        name = "study"
    analysis = _analysis(raw.get("analysis", {}), factors, mistakes)
    if mistakes:
        raise StudyError(f"{where}: " + "; ".join(mistakes))
    return Study(name=name, seeds=seeds, factors=factors, recipe=recipe, analysis=analysis)


def _closest_key(key: str) -> str:
    if key in Settings.model_fields:
        return f"did you mean 'recipe.{key}' or, as a list, 'factors.{key}'?"
    return closest(key, TOP_KEYS)


def _problem(model: type[BaseModel], key: str, value: object) -> str | None:
    """What is wrong with this value of this field, in a phrase."""
    field = model.model_fields[key]
    adapter: TypeAdapter[Any] = TypeAdapter(
        Annotated[field.annotation, field],  # type: ignore[arg-type]  # built at run time
        config=ConfigDict(strict=True, allow_inf_nan=False),
    )
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        legal = first.get("ctx", {}).get("expected") if first["type"] == "literal_error" else None
        if legal:
            choices = legal.replace(" or ", ", ").replace("'", "").split(", ")
            return f"{value!r} is not legal; {closest(str(value), choices)}"
        text = first["msg"].removeprefix("Input ")
        return f"{value!r} {text}"
    return None


def _factors(table: Mapping[str, Any], mistakes: list[str]) -> dict[str, tuple[Level, ...]]:
    factors: dict[str, tuple[Level, ...]] = {}
    for key, levels in table.items():
        if key not in Settings.model_fields:
            mistakes.append(f"unknown factor {key!r}, {closest(key, Settings.model_fields)}")
        elif not isinstance(levels, list) or not levels:
            mistakes.append(f"factors.{key} must be a list of at least one level")
        elif problems := [p for level in levels if (p := _problem(Settings, key, level))]:
            mistakes += [f"factors.{key}: {problem}" for problem in problems]
        else:
            typed = tuple(float(level) if Settings.model_fields[key].annotation is float else level for level in levels)
            if len(set(typed)) < len(typed):
                mistakes.append(f"factors.{key} names a level twice")
            factors[key] = typed
    ordered = [*CORE_FACTORS, *(key for key in Settings.model_fields if key not in CORE_FACTORS)]
    return {key: factors[key] for key in ordered if key in factors}


def _recipe(raw: Mapping[str, Any], factors: Mapping[str, Any], mistakes: list[str]) -> Settings:
    values = dict(raw.get("recipe", {}))
    if "dataset" in raw and "dataset" not in factors:
        values.setdefault("dataset", raw["dataset"])
    good = {}
    for key, value in values.items():
        if key not in Settings.model_fields:
            mistakes.append(f"unknown setting recipe.{key}, {closest(key, Settings.model_fields)}")
        elif key in factors:
            mistakes.append(f"{key} stands both in [factors] and in [recipe]; keep one")
        elif problem := _problem(Settings, key, value):
            hint = " (a list belongs under [factors])" if isinstance(value, list) else ""
            mistakes.append(f"{'' if key == 'dataset' else 'recipe.'}{key}: {problem}{hint}")
        else:
            good[key] = value
    return Settings(**good)


def _seeds(value: object, mistakes: list[str]) -> tuple[int, ...]:
    def natural(number: object) -> bool:
        return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**31

    if natural(value) and value:
        return tuple(range(value))  # type: ignore[call-overload]  # natural() has narrowed it
    if isinstance(value, list) and value and all(map(natural, value)) and len(set(value)) == len(value):
        return tuple(value)
    mistakes.append(f"seeds must be a positive number or a list of distinct non-negative whole numbers, not {value!r}")
    return ()


def _analysis(table: Mapping[str, Any], factors: Mapping[str, Sequence[Level]], mistakes: list[str]) -> Analysis:
    good = {}
    for key, value in table.items():
        if key not in Analysis.model_fields:
            mistakes.append(f"unknown key analysis.{key}, {closest(key, Analysis.model_fields)}")
        elif problem := _problem(Analysis, key, value):
            mistakes.append(f"analysis.{key}: {problem}")
        else:
            good[key] = value
    analysis = Analysis(**good)
    if "factor" in good or "contrast" in good:
        levels = factors.get(analysis.factor, ())
        if analysis.factor not in factors:
            mistakes.append(
                f"analysis.factor: {analysis.factor!r} is not a factor; {closest(analysis.factor, factors)}"
            )
        elif len(set(analysis.contrast)) < 2 or not set(analysis.contrast) <= set(levels):
            named = ", ".join(map(str, levels))
            mistakes.append(f"analysis.contrast must name two different levels of {analysis.factor}: {named}")
    return analysis
