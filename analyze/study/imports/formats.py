"""Which tool's runs lie somewhere, and those runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from analyze.errors import AnalyzeError, InvalidTableError, StudyNotFoundError, UsageError
from analyze.study.imports import hydra, inspect, lightning, lm_eval, mlflow, optuna, tensorboard, wandb
from analyze.study.imports.run import Run


class Format(Protocol):
    """What a file of a format has."""

    NAME: str

    @staticmethod
    def recognises(source: str) -> bool:
        """Whether the tool keeps runs there."""

    @staticmethod
    def read(source: str) -> Iterator[Run]:
        """The runs."""


#: In the order in which they are tried: a job of Hydra's may hold what the others write.
FORMATS: tuple[Format, ...] = (hydra, lightning, wandb, lm_eval, inspect, mlflow, optuna, tensorboard)  # type: ignore[assignment]  # modules have these


def located(source: str) -> str:
    """The path that the address of a SQLite file, as `sqlite:///runs.db`, stands for; any other source as it is."""
    return source.removeprefix("sqlite:///")


def format_of(source: str) -> Format:
    """The format of what lies there.

    Raises:
        StudyNotFoundError: nothing does.
        UsageError: it is of no format that is known, or an address with a password in it.
    """
    if "://" in source:
        if urlsplit(source).password:
            raise UsageError("the address holds a password; give it by the environment, as the tool's manual says")
    elif not Path(source).exists():
        raise StudyNotFoundError(f"there is no {source}; name what a tool wrote, or the address of its storage")
    for one in FORMATS:
        if one.recognises(source):
            return one
    names = ", ".join(one.NAME for one in FORMATS)
    raise UsageError(
        f"{source} is nothing that {names} wrote; a table of runs needs no import: analyze report takes it"
    )


def runs_of(kept: Format, source: str) -> list[Run]:
    """The runs that lie there.

    Raises:
        MissingLibraryError: the tool's library is not installed.
        InvalidTableError: something there is damaged; the tools' libraries say so by any exception at all.
    """
    try:
        return list(kept.read(source))
    except AnalyzeError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a library raises
        said = (str(error).splitlines() or [""])[0]
        raise InvalidTableError(
            f"{source}: what {kept.NAME} wrote cannot be read: {type(error).__name__}{': ' if said else ''}{said}"
        ) from None
