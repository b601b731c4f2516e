"""The options of the `analyze` commands, each once, with its help, and what all of them ask of a table."""

import importlib.metadata
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from analyze.report.formats import FORMATS


class Better(StrEnum):
    """Which way a response is better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Scale(StrEnum):
    """On which scale a response is compared."""

    RAW = "raw"
    LOG = "log"
    LOGIT = "logit"


Places = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="DIR|FILE…",
        help="A study's folder or URL, or trials: a .csv, .tsv, .jsonl, .parquet or .feather, several of them, or a "
        "folder of parts.  [default: the newest study under data/]",
        show_default=False,
    ),
]


def _numbers(typed: str) -> list[float | None]:
    """Numbers, typed with commas between; an empty one is none."""
    try:
        return [float(one) if one.strip() else None for one in typed.split(",")]
    except ValueError:
        raise typer.BadParameter(f"{typed!r} is no number, nor one for each response with commas between") from None


def _one_of(kind: type[StrEnum]) -> Callable[[str], str]:
    """What checks words, typed with commas between, of which each is one of these or empty."""

    def words(typed: str) -> str:
        known = [one.value for one in kind]
        for word in typed.split(","):
            if word.strip() and word.strip() not in known:
                raise typer.BadParameter(f"{word.strip()!r} is not one of {', '.join(map(repr, known))}.")
        return typed

    return words


Margin = Annotated[
    str | None,
    typer.Option(
        metavar="M",
        parser=_numbers,
        help="Equivalence margin in the response's unit: percentage points of an accuracy; with --scale log 1.05.",
    ),
]
ResponseColumn = Annotated[
    str | None,
    typer.Option(
        "--response",
        metavar="COL",
        help="The column that is compared. Of several, A,B,C, the first decides; --better, --unit, --scale and "
        "--margin then have commas too.  [default: test_accuracy]",
    ),
]
WhichIsBetter = Annotated[
    str | None,
    typer.Option(
        "--better",
        metavar="|".join(Better),
        parser=_one_of(Better),
        help="Which way the response is better.",
        show_default=False,
    ),
]
ResponseUnit = Annotated[
    str | None,
    typer.Option("--unit", metavar="U", help="Unit of the response: share, percent, or any that shall be printed."),
]
ResponseScale = Annotated[
    str | None,
    typer.Option(
        "--scale",
        metavar="|".join(Scale),
        parser=_one_of(Scale),
        help="Scale of the comparison: log gives ratios.",
        show_default=False,
    ),
]
Target = Annotated[
    list[float] | None,
    typer.Option(metavar="ACC", help="Target accuracy between 0 and 1, instead of the study's. Repeatable."),
]
Factor = Annotated[str | None, typer.Option(metavar="NAME", help="Another primary factor.")]
Contrast = Annotated[
    tuple[str, str] | None,
    typer.Option(
        metavar="A B", help="Two levels of the primary factor: A minus B.  [default: its two levels, or all of more]"
    ),
]

Full = Annotated[bool, typer.Option("--full", help="Markdown of everything, not of what a pull request needs.")]

Moderators = Annotated[
    str | None,
    typer.Option(metavar="A,B", help="The factors to average over; without it, those that the table shows."),
]
Ignore = Annotated[str | None, typer.Option(metavar="C,D", help="Columns that are no factors.")]
Paired = Annotated[
    bool | None,
    typer.Option(
        "--paired/--unpaired",
        help="Compare within seeds, or seeds of one level with seeds of the other.  [default: by the seeds]",
        show_default=False,
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="Compare all runs with this number, written as the table writes the response; factors are moderators.",
    ),
]
Folds = Annotated[
    int | None,
    typer.Option(
        metavar="K",
        help="Each seed is one fold of K-fold cross-validation, or a random split that tests 1/K: none is independent.",
    ),
]
Seed = Annotated[str, typer.Option(metavar="NAME", help="The column of the seed.")]
Id = Annotated[str, typer.Option("--id", metavar="NAME", help="The column that tells trials apart, if any.")]


@dataclass(frozen=True)
class Asked:
    """The options that every command takes: what is asked of the table."""

    places: tuple[str, ...]
    options: dict[str, Any]


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """A command with these options after its own; its first argument is what they say."""

    def of_table(
        margin: Margin = None,
        target: Target = None,
        factor: Factor = None,
        contrast: Contrast = None,
        moderators: Moderators = None,
        ignore: Ignore = None,
        seed: Seed = "seed",
        trial_id: Id = "trial_id",
        response: ResponseColumn = None,
        better: WhichIsBetter = None,
        unit: ResponseUnit = None,
        scale: ResponseScale = None,
        paired: Paired = None,
        threshold: Threshold = None,
        folds: Folds = None,
    ) -> dict[str, Any]:
        return {
            "margin": margin,
            "targets": tuple(target or ()),
            "factor": factor,
            "contrast": contrast,
            "moderators": None if moderators is None else _names(moderators),
            "ignore": _names(ignore or ""),
            "seed": seed,
            "trial_id": trial_id,
            "response": response,
            "better": better,
            "unit": unit,
            "scale": scale,
            "paired": paired,
            "threshold": threshold,
            "folds": folds,
        }

    theirs = inspect.signature(of_table).parameters
    places = inspect.Parameter("places", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Places)
    own = [one for one in inspect.signature(command).parameters.values() if one.annotation is not Asked]
    every = [places, *(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*own, *theirs.values()))]

    @wraps(command)
    def wrapper(**given: Any) -> None:
        options = of_table(**{name: given.pop(name) for name in theirs})
        command(Asked(tuple(given.pop("places") or ()), options), **given)

    wrapper.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]  # typer reads the options from it
    wrapper.__annotations__ = {one.name: one.annotation for one in every}
    return wrapper


def _names(typed: str) -> tuple[str, ...]:
    """Names of columns, typed with commas between."""
    return tuple(name for one in typed.split(",") if (name := one.strip()))


class TableFormat(StrEnum):
    """What result tables can be written as."""

    CSV = "csv"
    PARQUET = "parquet"


class Expect(StrEnum):
    """What may be expected of a decision."""

    BETTER = "better"
    EQUIVALENT = "equivalent"
    NOT_WORSE = "not-worse"


class Language(StrEnum):
    """Languages of the report."""

    EN = "en"
    ZH = "zh"


def _say_version(asked: bool) -> None:  # noqa: FBT001  # a flag
    """Say which release this is, and do nothing else."""
    if asked:
        typer.echo(f"analyze, ordering-effect {importlib.metadata.version('ordering-effect')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which release this is.")
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="|".join(FORMATS),
        help="Repeatable, or by comma.  [default: the ending of --out, else pdf]",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        readable=False,
        help="Where to write; the ending decides the format, - is stdout.  "
        "[default: report.<format> in the study, <name>.report.<format> beside a file]",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
