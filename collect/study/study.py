"""A study: factors x recipe x seeds, read from a small TOML file. A list under [factors] makes a factor."""

import itertools
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from collect.errors import StudyError, closest
from collect.schema import CORE_FACTORS
from collect.study.trial import Settings

#: Data sets that need no folder.
DATASETS = ("digits", "mnist", "fashion_mnist", "kmnist", "cifar10")
#: A study of more trials than this is taken for a mistake, as is a larger number of seeds than the next.
MOST_TRIALS, MOST_SEEDS = 1_000_000, 100_000
#: A study file is smaller than this.
MOST_BYTES = 2**20

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

    @property
    def number_of_trials(self) -> int:
        """Cells times seeds."""
        return len(self.seeds) * math.prod(map(len, self.factors.values()))

    def datasets(self) -> tuple[str, ...]:
        """The data sets the study needs."""
        return tuple(str(name) for name in self.factors.get("dataset", (self.recipe.dataset,)))

    def with_datasets(self, names: Mapping[str, str]) -> "Study":
        """The same study with its data sets under other names, given by the ones they have."""
        recipe = self.recipe.model_copy(update={"dataset": names.get(self.recipe.dataset, self.recipe.dataset)})
        factors = {**self.factors}
        if "dataset" in factors:
            factors["dataset"] = tuple(names[name] for name in self.datasets())
        return self.model_copy(update={"recipe": recipe, "factors": factors})

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


def short_names(datasets: Iterable[str]) -> dict[str, str]:
    """The name under which each data set stands in tables: a folder's own, not the path of somebody's machine.

    Folders of one name, or under the name of a known set, are numbered.
    """
    names: dict[str, str] = {}
    for dataset in datasets:
        own = dataset if dataset in DATASETS else Path(dataset).resolve().name or "images"
        taken = {*names.values(), *(() if dataset in DATASETS else DATASETS)}
        names[dataset] = next(n for n in (f"{own}-{i}" if i > 1 else own for i in itertools.count(1)) if n not in taken)
    return names


def presets() -> dict[str, str]:
    """The text of each preset, by name."""
    files = resources.files("collect.study") / "presets"
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
    except (ValueError, RecursionError) as error:
        raise StudyError(f"{where} is not valid TOML: {error}") from None
    for change in changes:
        _apply(raw, change)
    raw.setdefault("name", Path(where).resolve().stem)
    return resolve(raw, where)


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
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
            text = content.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(f"{path} cannot be read: {error}") from None
        if len(content) > MOST_BYTES:
            raise StudyError(f"{path} is no study file: it is larger than {MOST_BYTES:,} bytes")
        return text, str(path)
    if source in named:
        return named[source], source
    raise StudyError(f"there is no study {source!r}: no such file, folder or preset; {closest(source, named)}")


def _apply(raw: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals:
        raise StudyError(f"--set {change!r} is not KEY=VALUE; write for example --set recipe.epochs=1")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text.strip()
    table, dot, name = key.strip().rpartition(".")
    if not dot:
        raw[name] = value
        return
    if table not in TABLES:
        raise StudyError(f"--set {key}: there is no table {table!r}; {closest(table, TABLES)}")
    if not isinstance(raw.setdefault(table, {}), dict):
        raise StudyError(f"--set {key}: {table} is {_shown(raw[table])} in the study file, and no table [{table}]")
    for other in ("factors", "recipe"):
        if table in ("factors", "recipe") and isinstance(raw.get(other), dict):
            raw[other].pop(name, None)
    raw[table][name] = value


def resolve(raw: dict[str, Any], where: str) -> Study:
    """The study that plain values describe; `where` is where they stand. Raises as `read` does."""
    mistakes = [f"unknown key {key!r}, {_closest_key(key)}" for key in raw if key not in TOP_KEYS]
    for table in TABLES:
        if not isinstance(raw.get(table, {}), dict):
            mistakes.append(f"{table} must be a table [{table}]")
            raw = {**raw, table: {}}
    factors = _factors(raw.get("factors", {}), mistakes)
    recipe = _recipe(raw, factors, mistakes)
    seeds = _seeds(raw.get("seeds", 10), mistakes)
    name = raw.get("name")
    if not _is_name(name):
        mistakes.append("name must be of 1 to 200 printable characters, none of them a slash and the first no dot")
        name = "study"
    analysis = _analysis(raw.get("analysis", {}), factors, mistakes)
    if mistakes:
        raise StudyError(f"{where}: " + "; ".join(mistakes))
    study = Study(name=name, seeds=seeds, factors=factors, recipe=recipe, analysis=analysis)
    if study.number_of_trials > MOST_TRIALS:
        raise StudyError(
            f"{where} asks for {study.number_of_trials:,} trials, more than {MOST_TRIALS:,}; is that meant? "
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
            return f"{_shown(value)} is not legal; {closest(str(value)[:80], choices)}"
        text = first["msg"].removeprefix("Input ")
        return f"{_shown(value)} {text}"
    return None


def _shown(value: object) -> str:
    """A value as it was written, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


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

    if isinstance(value, int) and natural(value) and value > MOST_SEEDS:
        mistakes.append(f"seeds = {value} asks for as many seeds; for one seed of that value write seeds = [{value}]")
        return ()
    if natural(value) and value:
        return tuple(range(value))  # type: ignore[call-overload]  # natural() has narrowed it
    if isinstance(value, list) and value and all(map(natural, value)) and len(set(value)) == len(value):
        return tuple(value)
    mistakes.append(
        f"seeds must be a positive number or a list of distinct non-negative whole numbers, not {_shown(value)}"
    )
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
    if (analysis.factor, analysis.contrast) != (Analysis().factor, Analysis().contrast):
        levels = factors.get(analysis.factor, ())
        if analysis.factor not in factors:
            mistakes.append(
                f"analysis.factor: {analysis.factor!r} is not a factor; {closest(analysis.factor, factors)}"
            )
        elif len(set(analysis.contrast)) < 2 or not set(analysis.contrast) <= set(levels):
            named = ", ".join(map(str, levels))
            mistakes.append(f"analysis.contrast must name two different levels of {analysis.factor}: {named}")
    return analysis
