"""A trial: the settings of one cell x one seed. Its id is a hash of what determines its result, and nothing else."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from collect import schema
from collect.study.stages import channels_written, pools_written
from collect.typed_columns import require_columns

if TYPE_CHECKING:
    from collect.study.own_network import OwnNetwork

Ordering = Literal["bn_act", "act_bn", "none", "bn_conv"]
Activation = Literal[
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "sigmoid",
    "tanh",
    "softsign",
    "lecun_tanh",
    "hardtanh",
]
Precision = Literal["fp32", "tf32", "bf16"]


class Settings(BaseModel):
    """Everything that may be chosen about one training run, except its seed: legal values and defaults.

    What each setting means, and its unit, stands once, at its column in `collect.schema`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    ordering: Ordering = "bn_act"
    depth: Annotated[int, Field(ge=1, le=32)] = 4
    activation: Activation = "relu"
    dataset: Annotated[str, Field(min_length=1, max_length=4096)] = "digits"
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 3
    batch_size: Annotated[int, Field(ge=2)] = 128
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    schedule: Literal["constant", "cosine", "onecycle"] = "constant"
    warmup: Annotated[int, Field(ge=0)] = 0
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    decay_bn: bool = True
    width: Annotated[float, Field(gt=0, le=64)] = 1.0
    kernel: Literal[3, 5] = 3
    channels: Annotated[str, BeforeValidator(channels_written)] = "16-32-64"
    pools: Annotated[str, BeforeValidator(pools_written)] = "between"
    head: Literal["flatten", "gap"] = "flatten"
    head_hidden: Annotated[int, Field(ge=0, le=65_536)] = 0
    bn_momentum: Annotated[float, Field(gt=0, le=1)] = 0.1
    bn_eps: Annotated[float, Field(gt=0)] = 1e-5
    norm: Literal["batch", "layer", "group", "none"] = "batch"
    conv_bias: bool = True
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    dropout_place: Literal["after", "before_norm"] = "after"
    augment: Literal["none", "shift", "flip_crop"] = "none"
    init: Literal["torch", "he_normal", "xavier_normal", "orthogonal"] = "torch"
    validation: Annotated[float, Field(ge=0, lt=1)] = 0.0
    evaluations: Annotated[int, Field(ge=1, le=10_000)] = 16

    @property
    def own(self) -> "OwnNetwork | None":
        """The network of one's own that is trained; None is the built-in one."""
        return None

    def of_columns(self) -> dict[str, Any]:
        """The value of each setting, and the network's name, as they stand in the tables."""
        return {**dict(self), "network": "cnn"}

    def with_levels(self, levels: Mapping[str, Any]) -> Self:
        """The same with other values of some settings."""
        return self.model_copy(update=levels)

    def chosen(self) -> dict[str, Any]:
        """What determines the result and is not the default of the recipe version."""
        return self.model_dump(exclude={"dataset"}, exclude_defaults=True)


require_columns(Settings, schema.SETTINGS)


class Trial(BaseModel):
    """One planned training run."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    settings: Settings
    seed: Annotated[int, Field(ge=0)]
    precision: Precision = "fp32"
    data_hash: str

    @cached_property
    def trial_id(self) -> str:
        """See `trial_ids`."""
        return next(trial_ids(self.settings, self.precision, self.data_hash, [self.seed]))


def trial_ids(settings: Settings, precision: Precision, data_hash: str, seeds: Iterable[int]) -> Iterator[str]:
    """Ids of the trials of one cell: each the first 20 hexadecimal digits of a SHA-256.

    What is hashed is the canonical JSON of all that determines the result, its keys in order. A data set counts by its
    content, not by its name: a folder that moved holds the same trials. A setting counts where it is not the default of
    the recipe version: one that a later release adds leaves the ids of earlier plans as they are.
    """
    before = {"data_hash": data_hash, "precision": precision, "recipe_version": schema.RECIPE_VERSION}
    head = hashlib.sha256(f'{_canonical(before)[:-1]},"seed":'.encode())
    tail = f',"settings":{_canonical(settings.chosen())}}}'.encode()
    for seed in seeds:
        digest = head.copy()
        digest.update(b"%d" % seed + tail)
        yield digest.hexdigest()[:20]


def _canonical(values: dict[str, object]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"))
