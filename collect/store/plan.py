"""The plan of a study: every trial with its id, written once. Ids are read from here and checked."""

import functools
import io
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError

from collect import schema
from collect.errors import StoreError, StudyError
from collect.images import short_names
from collect.schema import RECIPE_VERSION, SCHEMA_VERSION
from collect.store import keys
from collect.store.place.interface import Store
from collect.store.planned_trials import PlannedTrials, columns, expected, tabulated
from collect.study import own_network, study_file
from collect.study.own_network import BUILT_IN, OwnNetwork
from collect.study.study import Level, Study
from collect.study.study_file import MOST_TRIALS
from collect.study.trial import Precision, Settings

#: What a plan means that does not say so.
BUILT_IN_VALUES = Settings().of_columns()


@dataclass(frozen=True)
class Plan:
    """A study and its trials by id, in the order in which they are to run.

    Attributes:
        study: the resolved study, data sets by their short names.
        recipe_version: by which its trials train; another release's is read, and never trained for.
        sources: where each data set was found; empty for a plan that was only read.
    """

    study: dict[str, Any]
    trials: PlannedTrials
    recipe_version: int = RECIPE_VERSION
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls, study: Study, data_hashes: Mapping[str, str], precision: Precision, known: Mapping[str, str] | None = None
    ) -> "Plan":
        """Plan a study.

        Args:
            study: what is asked for, data sets as the user names them.
            data_hashes: the content hash of each.
            precision: arithmetic of the training steps.
            known: content hashes of the data sets of an earlier plan, by their short names: they keep those.

        Raises:
            StudyError: two data sets of the study hold the same images.
        """
        if len(set(data_hashes.values())) < len(data_hashes):
            raise StudyError(f"of the data sets {', '.join(data_hashes)} two hold the same images; keep one")
        planned = {digest: name for name, digest in (known or {}).items()}
        short = {name: planned.get(data_hashes[name], new) for name, new in short_names(data_hashes).items()}
        named = study.with_datasets(short)
        hashes = {short[name]: digest for name, digest in data_hashes.items()}
        trials = PlannedTrials(tabulated(named, hashes, precision), study.network)
        sources = {short[name]: name for name in data_hashes}
        return cls({**named.to_dict(), "extended": False}, trials, sources=sources)

    @property
    def network(self) -> OwnNetwork | None:
        """The network of one's own that it trains; None is the built-in one."""
        return self.trials.network

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.study["name"])

    @property
    def factors(self) -> tuple[str, ...]:
        """The names of the study's factors, in order."""
        return tuple(self.study["factors"])

    @property
    def own_columns(self) -> tuple[schema.Column, ...]:
        """The columns of its network's own settings."""
        return self.network.columns if self.network else ()

    @property
    def data_hashes(self) -> dict[str, str]:
        """The content hash of each data set, by its short name."""
        pairs = self.trials.table.select(["dataset", "data_hash"]).group_by(["dataset", "data_hash"]).aggregate([])
        return dict(zip(pairs["dataset"].to_pylist(), pairs["data_hash"].to_pylist(), strict=True))

    @property
    def precision(self) -> Precision:
        """The arithmetic it was planned for; one for all trials."""
        return self.trials.table["precision"][0].as_py()  # type: ignore[no-any-return]  # written by us

    def row(self, trial_id: str) -> dict[str, Any]:
        """Identity and settings of a trial, as they stand in `trials`."""
        return {name: value for name, value in self.trials.row(trial_id).items() if name != "data_hash"}


def write(store: Store, study: Study, plan: Plan, *, over: bool = False) -> None:
    """Write study.toml and plan.parquet, over existing ones only if asked to."""
    put = store.replace if over else store.create
    if study.network:
        put(keys.NETWORK, study.network.source.encode())
    put(keys.STUDY, text_of(study).encode())
    put(keys.PLAN, encoded(plan))


def encoded(plan: Plan) -> bytes:
    """The content of plan.parquet."""
    table = plan.trials.table.replace_schema_metadata(
        {
            "study": json.dumps(plan.study),
            "recipe_version": str(plan.recipe_version),
            "schema_version": str(SCHEMA_VERSION),
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def text_of(study: Study) -> str:
    """The study.toml of a study, beside which its network's source lies under its own name."""
    if study.network is None or study.network.version:
        return study.to_toml()
    return study.to_toml(f"{keys.NETWORK}:{study.network.function}")


def read(store: Store) -> Plan:
    """The plan in the store, of this recipe version or an earlier one.

    Raises:
        StoreError: there is none, it is unreadable or not sound, or a newer release made it.
    """
    content = store.read(keys.PLAN)
    if content is None:
        raise StoreError(f"{store} holds no study: there is no plan.parquet; start one with collect run")
    where = f"{store}/{keys.PLAN}"
    own = _unfolded(content, where)[1].study.get("network", BUILT_IN) != BUILT_IN
    return _decoded(content, store.read(keys.NETWORK) if own else None, where)


@functools.lru_cache(maxsize=1)  # it is read again and again, for it may be extended at any time
def _decoded(content: bytes, source: bytes | None, where: str) -> Plan:
    table, said = _unfolded(content, where)
    trials = _sound(table, said, _network(said, source, where), where)
    study = (_own_study if said.recipe_version == RECIPE_VERSION else _earlier_study)(said.study, trials, where)
    return Plan(study, trials, said.recipe_version)


@functools.lru_cache(maxsize=1)
def _unfolded(content: bytes, where: str) -> "tuple[pa.Table, _Metadata]":
    """What stands in a plan's file, if this release knows its form."""
    try:
        table = schema.read_table(pa.BufferReader(content), most_rows=MOST_TRIALS)
        said = _Metadata.model_validate({k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()})
    except (OSError, pa.ArrowException, ValueError, RecursionError) as error:
        raise StoreError(f"{where} cannot be read: {_first_line(error)}") from None
    if said.schema_version > SCHEMA_VERSION or said.recipe_version > RECIPE_VERSION:
        raise StoreError(
            f"{where} was written by a newer release (recipe version {said.recipe_version}, schema version "
            f"{said.schema_version}; this one knows {RECIPE_VERSION} and {SCHEMA_VERSION}); read it with that"
        )
    return table, said


class _Metadata(BaseModel):
    """What plan.parquet says in its metadata."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    study: Json[dict[str, Any]]
    recipe_version: Json[Annotated[int, Field(ge=1)]]
    schema_version: Json[Annotated[int, Field(ge=1)]]


def _network(said: _Metadata, source: bytes | None, where: str) -> OwnNetwork | None:
    """The network that a plan names, its source being this.

    Raises:
        StoreError: there is none.
        StudyError: it is not sound.
    """
    call, version = said.study.get("network", BUILT_IN), said.study.get("network_version", "")
    if call == BUILT_IN:
        return None
    if source is None or not isinstance(call, str) or not isinstance(version, str):
        raise StoreError(f"{where} is of a network of its own, whose source, {keys.NETWORK}, is not there")
    return own_network.kept(call, source, version)


def _sound(table: pa.Table, said: _Metadata, network: OwnNetwork | None, where: str) -> PlannedTrials:
    """The trials of a plan, if they are what a plan can hold.

    Raises:
        StoreError: a column is missing or of another type, or an id is none.
    """
    try:
        known = columns(network)
        found = [_column(table, column, said.recipe_version, where) for column in known]
        rows = pa.table(found, names=[column.name for column in known]).cast(schema.arrow_schema(known))
        trials = PlannedTrials(rows, network)
    except (pa.ArrowException, ValueError, KeyError) as error:
        raise StoreError(f"{where} is no plan: {_first_line(error)}") from None
    _require_ids(rows, trials, where)
    return trials


def _column(table: pa.Table, column: schema.Column, recipe_version: int, where: str) -> pa.ChunkedArray | pa.Array:
    """A column of a plan; a setting that came after a plan of this recipe version has its default in all of its rows.

    Raises:
        StoreError: it is missing.
    """
    if column.name in table.column_names:
        return table[column.name]
    if recipe_version < RECIPE_VERSION:
        return pa.nulls(len(table), column.type)
    if column.name not in BUILT_IN_VALUES:
        raise StoreError(f"{where} is no plan: it lacks {column.name}")
    return pa.repeat(pa.scalar(BUILT_IN_VALUES[column.name], column.type), len(table))


def _require_ids(rows: pa.Table, trials: PlannedTrials, where: str) -> None:
    """Ids name files, so nothing but an id may stand in their place."""
    if not len(rows):
        raise StoreError(f"{where} plans no trial at all")
    good = pc.fill_null(pc.match_substring_regex(rows["trial_id"], rf"\A{keys.ID.pattern}\z"), fill_value=False)
    if not pc.all(good).as_py():
        wrong = rows["trial_id"].filter(pc.invert(good))[0].as_py()
        raise StoreError(f"{where} is no plan: {wrong!r} is no trial's id, which has 20 hexadecimal digits")
    if len(trials) < len(rows):
        raise StoreError(f"{where} is no plan: it names {len(rows) - len(trials)} trials twice")


class _EarlierStudy(BaseModel):
    """What is asked of the study of an earlier recipe version, whose settings may have been others."""

    model_config = ConfigDict(strict=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    factors: dict[str, list[Level]]


def _earlier_study(said: dict[str, Any], _: PlannedTrials, where: str) -> dict[str, Any]:
    """The study of an earlier recipe version, as it stands there."""
    try:
        _EarlierStudy.model_validate(said)
    except ValidationError as error:
        raise StoreError(f"{where} names no study: {_first_line(error)}") from None
    return said


def _own_study(said: dict[str, Any], trials: PlannedTrials, where: str) -> dict[str, Any]:
    """The resolved study, if the trials are its own, each under the id that its settings give."""
    plan = Plan(said, trials)
    study = asked(said, where, trials.network)
    if study.number_of_trials != len(plan.trials) and not study.analysis.sequential:
        raise StoreError(f"{where} has {len(plan.trials)} trials where its study has {study.number_of_trials}")
    hashes = plan.data_hashes
    if set(hashes) != set(study.datasets()) or plan.precision not in get_args(Precision):
        raise StoreError(f"{where} names other data sets or arithmetic than its study")
    right = expected(study, hashes, plan.precision, plan.trials.table)
    if not plan.trials.table.equals(right):
        pairs = itertools.zip_longest(plan.trials.table.to_pylist(), right.to_pylist())
        wrong = sum(mine != theirs for mine, theirs in pairs)
        raise StoreError(f"{where}: {wrong} trials have other settings than their ids or the study say")
    return resolved(said, where, trials.network)


def resolved(said: dict[str, Any], where: str, network: OwnNetwork | None) -> dict[str, Any]:
    """The study that these values describe, with every setting that this release knows; they stand in `where`.

    Raises:
        StudyError: they describe none.
    """
    return {**asked(said, where, network).to_dict(), "extended": said.get("extended") is True}


def asked(said: dict[str, Any], where: str, network: OwnNetwork | None) -> Study:
    """The study itself, data sets by their short names. Arguments and errors as of `resolved`."""
    raw = {key: value for key, value in said.items() if key not in ("extended", "network_version")}
    return study_file.resolve(raw, where, network=network)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return (str(error).splitlines() or [type(error).__name__])[0]
