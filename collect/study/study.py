"""A study: factors x recipe x seeds. Every setting has a value, every factor its levels."""

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from collect.schema import LEAST_ALPHA, LEAST_FOLDS, MOST_ALPHA, MOST_TARGETS
from collect.study.own_network import OwnNetwork, recipe_of
from collect.study.trial import Settings

Level = str | int | float | bool
Better = Literal["higher", "lower", "neither"]
Scale = Literal["raw", "log", "logit"]
Text = Annotated[str, Field(max_length=100)]


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
        Field(min_length=1, max_length=MOST_TARGETS, description="accuracies for time-to-target; the first is primary"),
    ] = [0.95, 0.97]
    alpha: Annotated[float, Field(ge=LEAST_ALPHA, le=MOST_ALPHA, description="level of the tests")] = 0.05
    claims: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]],
        Field(max_length=100, description="claims to judge, by id; none named: every one about the contrast"),
    ] = []
    response: Annotated[
        str | list[str], Field(description="column of the trials that is compared; of several the first decides")
    ] = "test_accuracy"
    better: Annotated[
        Better | list[Better],
        Field(description="which way the response is better; of several, one for all or for each"),
    ] = "higher"
    unit: Annotated[
        Text | list[Text], Field(description="unit of the response, printed; of several, one for all or for each")
    ] = "share"
    scale: Annotated[
        Scale | list[Scale], Field(description="scale of the comparison; log gives ratios; one for all or for each")
    ] = "raw"
    bounds: Annotated[
        list[float] | None,
        Field(min_length=2, max_length=2, description="least and greatest value that the response can have"),
    ] = None
    margin: Annotated[
        float | None,
        Field(
            gt=0,
            description="equivalence margin in the unit of the response; of an accuracy, as margin_pp",
        ),
    ] = None
    margin_ratio: Annotated[float | None, Field(gt=1, description="equivalence margin of a ratio, with scale log")] = (
        None
    )
    threshold: Annotated[
        float | None, Field(description="number that all runs are compared with, as the response is written")
    ] = None
    folds: Annotated[
        int | None, Field(ge=LEAST_FOLDS, description="k, where each seed is one fold of a k-fold cross-validation")
    ] = None
    sequential: Annotated[
        Literal[False, True, "pocock"],
        Field(description="true adds seeds until each cell is decided; pocock so too, by its boundary (few looks)"),
    ] = False
    seeds_max: Annotated[int | None, Field(ge=1, description="seeds with which a sequential study ends at last")] = None
    batch: Annotated[int, Field(ge=1, description="seeds added between two looks at a sequential study")] = 5

    @property
    def responses(self) -> tuple[str, ...]:
        """The columns that are compared, the one that decides first."""
        return (self.response,) if isinstance(self.response, str) else tuple(self.response)

    def of_response(self, place: int) -> "Analysis":
        """What is said of the response at this place alone; bounds, margin and threshold are those of the first."""
        keys = ("response", "better", "unit", "scale")
        own = {key: value[place] for key in keys if isinstance(value := getattr(self, key), list)}
        if not place:
            return self.model_copy(update=own)
        of_first = {"bounds", "margin", "margin_ratio", "threshold"}
        said = {key: getattr(self, key) for key in self.model_fields_set - of_first} | own
        return Analysis(**said)

    @property
    def margin_of_accuracy(self) -> float:
        """The margin of a gap in accuracy, percentage points, under whichever of its two names it was declared."""
        return self.margin_pp if self.margin is None else self.margin

    def declared(self) -> dict[str, Any]:
        """What is written of it: of what an earlier release did not know, only what was declared."""
        later = {"response", "better", "unit", "scale", "bounds", "margin", "margin_ratio", "threshold", "folds"}
        later = (later | {"sequential", "seeds_max", "batch"}) - self.model_fields_set
        return self.model_dump(exclude=later if self.claims else {*later, "claims"}, exclude_none=True)


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
            yield self.recipe.with_levels(dict(zip(self.factors, levels, strict=True)))

    @property
    def network(self) -> OwnNetwork | None:
        """The network of one's own that it trains; None is the built-in one."""
        return self.recipe.own

    def with_network(self, network: OwnNetwork) -> "Study":
        """The same study with its own network under the name that it has elsewhere."""
        return self.model_copy(update={"recipe": self.recipe.model_copy(update={"built": network})})

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
        values = self.recipe.of_columns()
        fixed = {name: values[name] for name in recipe_of(self.network) if name not in self.factors}
        dataset = {"dataset": fixed.pop("dataset")} if "dataset" in fixed else {}
        network = self.network.said() if self.network else {}
        return {
            "name": self.name,
            **network,
            **dataset,
            "seeds": list(self.seeds),
            "factors": {name: list(levels) for name, levels in self.factors.items()},
            "recipe": fixed,
            "analysis": self.analysis.declared(),
        }

    def to_toml(self, network: str | None = None) -> str:
        """The study as a study file with every default written out; `network` is another name of its own network."""
        values = self.to_dict()
        values.pop("network_version", None)
        return tomli_w.dumps({**values, "network": network} if network else values)
