"""The three tables: their columns, types, units and meaning. The one module `analyze` may import.

`trials` has one row a finished trial, `curves` one row a trial x evaluation point x split x eval_set x
bn_mode, `layers` one row a trial x evaluation point x layer. A setting of the recipe that a study crosses
as a factor is repeated in `curves` and `layers`, so that each table stands alone.

File metadata of the tables (UTF-8 JSON unless said): `schema_version` and `recipe_version` (integers), `study` (the
resolved study: name, dataset, seeds, factors, recipe, analysis, extended), `planned` and `pending` (integers),
`parts_digest` (hex) and `environments` (a list of the distinct environments the trials ran in).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from collect.schema.reading import MOST_BYTES, bounded_memory, read_table

__all__ = ["MOST_BYTES", "bounded_memory", "read_table"]

#: Of tables and parts. Columns are only ever added, and a release that adds some raises the number.
SCHEMA_VERSION = 3
#: Raised whenever the same settings would give another result, or a setting gets another default; ids change with it.
#: A setting that is added, with the default that leaves results as they were, raises nothing.
RECIPE_VERSION = 3

#: What a study may ask: no sign-flip can reach a smaller level, and at more than a half chance alone has the power; one
#: part of a cross-validation trains nothing.
LEAST_ALPHA, MOST_ALPHA, MOST_TARGETS, LEAST_FOLDS = 1e-5, 0.5, 100, 2


#: Factors every study has, in the order in which tables show them.
CORE_FACTORS = ("ordering", "depth", "activation")


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        unit: empty for a pure label.
        since: the schema version it came with.
        meant: its meaning before schema version 3, where it was put otherwise: what older tables say of themselves.
    """

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    since: int = 1
    meant: str = ""

    def meaning_in(self, version: int) -> str:
        """What a schema version says that it means."""
        return self.meant if self.meant and version < 3 else self.meaning


IDENTITY = (
    Column("trial_id", pa.string(), "", "hash of the trial's settings; the file name of its part"),
    Column("study", pa.string(), "", "name of the study"),
)

FACTORS = (
    Column("ordering", pa.string(), "", "what stands in a block: bn_act, act_bn, none or bn_conv"),
    Column("depth", pa.int64(), "layers", "number of convolutions"),
    Column("activation", pa.string(), "", "name of the activation function"),
)

SEED = (Column("seed", pa.int64(), "", "replicate: same seed, same initial weights and batch order within a depth"),)

DATASET = (Column("dataset", pa.string(), "", "name of the data set"),)

RECIPE = (
    Column("epochs", pa.int64(), "epochs", "passes over the training images"),
    Column("batch_size", pa.int64(), "images", "training batch; a last partial batch is dropped"),
    Column("learning_rate", pa.float64(), "", "peak learning rate"),
    Column("optimizer", pa.string(), "", "adam, adamw or sgd"),
    Column("momentum", pa.float64(), "", "momentum of sgd"),
    Column(
        "schedule",
        pa.string(),
        "",
        "constant; cosine to zero; or onecycle, up from 1/25 of the peak in 30 % of the steps, then down to 1/250000",
        meant="constant, or cosine to zero",
    ),
    Column("warmup", pa.int64(), "steps", "steps in which the learning rate rises to that of the schedule", since=3),
    Column("weight_decay", pa.float64(), "", "weight decay"),
    Column(
        "decay_bn",
        pa.bool_(),
        "",
        "whether weight decay also acts on the norm's gamma and beta",
        meant="whether weight decay also acts on BatchNorm's gamma and beta",
    ),
    Column(
        "width",
        pa.float64(),
        "",
        "multiplies the channels of every stage",
        meant="multiplies the 16, 32 and 64 channels of the three stages",
    ),
    Column("kernel", pa.int64(), "", "side of the convolutions' kernels: 3 or 5", since=3),
    Column("channels", pa.string(), "", "channels of each stage, over which the depth is spread evenly", since=3),
    Column(
        "pools", pa.string(), "", "2 x 2 max-pools: between stages, none, or after stages by number, as in 1-2", since=3
    ),
    Column(
        "head",
        pa.string(),
        "",
        "flatten (linear on the whole map) or gap (global average pool, then linear)",
        meant="flatten (linear on the 7x7 map) or gap (global average pool, then linear)",
    ),
    Column("head_hidden", pa.int64(), "units", "units of a hidden layer before the classifier; 0 is none", since=3),
    Column("bn_momentum", pa.float64(), "", "share of the newest batch in BatchNorm's running statistics"),
    Column("bn_eps", pa.float64(), "", "the norm's epsilon", meant="BatchNorm's epsilon"),
    Column(
        "norm",
        pa.string(),
        "",
        "what the ordering places: batch; layer (of all channels and places of an image); group (of 4 groups of "
        "channels, fewer where they do not divide); none, which leaves both orderings the same network",
        since=3,
    ),
    Column(
        "conv_bias",
        pa.bool_(),
        "",
        "whether convolutions have a bias; BatchNorm after a convolution takes it out again",
        since=3,
    ),
    Column("dropout", pa.float64(), "share", "share of a block's values left out at random in training", since=3),
    Column(
        "dropout_place",
        pa.string(),
        "",
        "where dropout stands: after (at the end of the block) or before_norm (right before its norm, if it has one)",
        since=3,
    ),
    Column(
        "augment",
        pa.string(),
        "",
        "what is done to training images: none; shift (up to 2 pixels each way); flip_crop (mirrored or not, up to 4 "
        "pixels each way)",
        since=3,
    ),
    Column("init", pa.string(), "", "initialisation of the weights"),
    Column("validation", pa.float64(), "share", "share of the training images held out"),
    Column("evaluations", pa.int64(), "points", "number of log-spaced evaluation points asked for"),
)

#: Settings that any network has; the others are the built-in one's, and null where another is trained.
ANY_NETWORK = (
    *("dataset", "epochs", "batch_size", "learning_rate", "optimizer", "momentum", "schedule", "warmup"),
    *("weight_decay", "decay_bn", "bn_momentum", "bn_eps", "validation", "evaluations", "augment"),
)

#: What is trained. A network of one's own has columns of its own settings, which come after those of the recipe.
NETWORK = (Column("network", pa.string(), "", "cnn, or the function that builds one's own", since=3),)

#: Every setting, in the order of the model that says what is legal, `collect.study.trial.Settings`.
SETTINGS = FACTORS + DATASET + RECIPE

OUTCOME = (
    Column("status", pa.string(), "", "completed, diverged (non-finite loss or parameter) or failed (crash)"),
    Column("reason", pa.string(), "", "why a trial diverged or failed"),
    Column("test_accuracy", pa.float64(), "share", "final step, running statistics; chance where the trial diverged"),
    Column("test_loss", pa.float64(), "nats", "final step, running statistics; null where the trial diverged"),
    Column("train_accuracy", pa.float64(), "share", "final step, fixed subset of train, running statistics"),
    Column("train_loss", pa.float64(), "nats", "final step, fixed subset of train, running statistics"),
    Column("test_accuracy_batch", pa.float64(), "share", "final step, batch statistics; null without BatchNorm"),
    Column("test_correct", pa.int64(), "images", "test images classified correctly, running statistics"),
    Column("test_n", pa.int64(), "images", "test images"),
    Column("train_n", pa.int64(), "images", "images in the fixed subset of train"),
    Column("validation_accuracy", pa.float64(), "share", "final step, held-out training images, running statistics"),
    Column("validation_loss", pa.float64(), "nats", "final step, held-out training images, running statistics"),
    Column("validation_n", pa.int64(), "images", "held-out training images"),
    Column("init_hash", pa.string(), "", "SHA-256 of the initial weights; equal within a pair"),
    Column("order_hash", pa.string(), "", "SHA-256 of the batch order; equal within a pair"),
    Column("correct_bits", pa.binary(), "", "one bit a test image, in test order, most significant bit first"),
    Column("steps", pa.int64(), "steps", "optimizer steps done; where it stopped, if the trial diverged"),
    Column(
        "train_seconds",
        pa.float64(),
        "s",
        "time of the training steps; of the whole stack, where trials trained together",
    ),
    Column(
        "wall_seconds",
        pa.float64(),
        "s",
        "time of everything, evaluation and probes included; of the whole stack likewise",
    ),
    Column("device", pa.string(), "", "what the trial ran on: cpu or cuda"),
    Column("precision", pa.string(), "", "arithmetic of the training steps: fp32, tf32 or bf16"),
    Column("stack_size", pa.int64(), "trials", "trials trained together in one stacked network"),
    Column("majority_share", pa.float64(), "share", "share of the most frequent class among the test images", since=2),
    Column(
        "shared_parameters",
        pa.float64(),
        "share",
        "of a network of one's own, parameters with the same name, shape and start in both arms of the contrast",
        since=3,
    ),
)

TRIALS = IDENTITY + FACTORS + SEED + DATASET + RECIPE + NETWORK + OUTCOME

POINT = (
    Column("step", pa.int64(), "steps", "optimizer steps done"),
    Column("examples_seen", pa.int64(), "images", "training images seen"),
    Column("epoch", pa.float64(), "epochs", "passes over the training images so far"),
    Column("split", pa.string(), "", "train, test, or validation where a share of train is held out"),
    Column("eval_set", pa.string(), "", "full, or the fixed subset evaluated at every point"),
    Column("bn_mode", pa.string(), "", "running (BatchNorm's running statistics) or batch (each batch's own)"),
    Column("loss", pa.float64(), "nats", "mean cross-entropy"),
    Column("accuracy", pa.float64(), "share", "share classified correctly"),
    Column("correct", pa.int64(), "images", "images classified correctly"),
    Column("n", pa.int64(), "images", "images evaluated"),
    Column(
        "max_class_share", pa.float64(), "share", "share of images given to the class predicted most often", since=2
    ),
)

LAYER = (
    Column("step", pa.int64(), "steps", "optimizer steps done; 0 is initialisation"),
    Column(
        "layer",
        pa.int64(),
        "",
        "1 is the first convolution, the last the classifier",
        meant="1 is the first convolution, depth + 1 the classifier",
    ),
    Column("kind", pa.string(), "", "conv or linear"),
    Column("grad_norm", pa.float64(), "", "Euclidean norm of the loss gradient of the layer's weights"),
    Column("activation_mean", pa.float64(), "", "mean of the activation function's output"),
    Column("activation_var", pa.float64(), "", "variance of the activation function's output"),
    Column(
        "skewness", pa.float64(), "", "mean over channels of the absolute skewness of the activation function's output"
    ),
    Column(
        "saturation",
        pa.float64(),
        "share",
        "how close to its bounds the activation function works, 0 to 1; null without bounds",
    ),
    Column("zero_fraction", pa.float64(), "share", "outputs of the activation function that are exactly zero"),
    Column("dead_fraction", pa.float64(), "share", "channels whose activation is the same for every image and place"),
    Column("bn_mean_lag", pa.float64(), "sd", "distance of running from batch mean, in batch standard deviations"),
    Column("bn_var_lag", pa.float64(), "", "mean absolute log ratio of running to batch variance"),
    Column(
        "gamma_norm",
        pa.float64(),
        "",
        "root mean square of the norm's scale",
        meant="root mean square of BatchNorm's scale",
    ),
    Column(
        "beta_norm",
        pa.float64(),
        "",
        "root mean square of the norm's shift",
        meant="root mean square of BatchNorm's shift",
    ),
    Column("module", pa.string(), "", "name of the layer in a network of one's own", since=3),
)


def trials(own: Sequence[Column] = ()) -> tuple[Column, ...]:
    """Columns of trials.parquet for a network with these settings; one called as a built-in's has its place."""
    return _with_own(TRIALS[: -len(OUTCOME)], own) + OUTCOME


def _with_own(columns: Sequence[Column], own: Sequence[Column]) -> tuple[Column, ...]:
    mine, names = {column.name: column for column in own}, {column.name for column in columns}
    rest = tuple(column for column in own if column.name not in names)
    return tuple(mine.get(column.name, column) for column in columns) + rest


def factor_columns(factors: Sequence[str], own: Sequence[Column] = ()) -> tuple[Column, ...]:
    """The columns of a study's factors: the core ones, then those of its recipe, data set or network it crosses."""
    crossed = _with_own(SETTINGS, own)
    return tuple(column for column in crossed if column.name in (*CORE_FACTORS, *factors))


def curves(factors: Sequence[str], own: Sequence[Column] = ()) -> tuple[Column, ...]:
    """Columns of curves.parquet for a study with these factors."""
    return IDENTITY[:1] + factor_columns(factors, own) + SEED + POINT


def layers(factors: Sequence[str], own: Sequence[Column] = ()) -> tuple[Column, ...]:
    """Columns of layers.parquet for a study with these factors."""
    return IDENTITY[:1] + factor_columns(factors, own) + SEED + LAYER


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of these columns; unit and meaning travel as field metadata."""
    return pa.schema([pa.field(c.name, c.type, metadata={"unit": c.unit, "meaning": c.meaning}) for c in columns])
