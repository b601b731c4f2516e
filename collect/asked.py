"""What the words of a command line ask for: the study they name, changed as they say, and where it lies."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from collect import overview, said
from collect.errors import StoreError, StudyError, nearest

if TYPE_CHECKING:
    from collect.study.study import Study

# --help imports this module.
# ruff: noqa: PLC0415

#: The study where none is named.
DEFAULT = "quick"


class Asked(NamedTuple):
    """A study, the place that was named for it, if any was, and whether its network was named beside it."""

    study: "Study"
    place: str | None
    named: bool = False

    @property
    def where(self) -> str:
        """The place where it lies, or would."""
        return self.place or str(overview.DATA / self.study.name)

    @property
    def network_word(self) -> list[str]:
        """The word that names its own network, if it has one."""
        network = self.study.network
        return [f"network={network.place}"] if network else []

    def require_consent(self) -> None:
        """Refuse to run the code that lies in a study's folder: it may be somebody else's.

        Raises:
            StudyError: with the words that name it.
        """
        from collect.store import keys

        network = self.study.network
        if network and self.place and not self.named:
            kept = f"{self.place}/{keys.NETWORK}"
            local = kept if "://" not in kept else f"./{keys.NETWORK}"
            raise StudyError(
                f"{self.place} trains a network of its own, and to go on is to run the Python in {kept}; read it, or "
                f"have your own copy of it, and name it: network={network.file if network.version else local}:"
                f"{network.function}"
            )


def asked(study: str | None, words: Sequence[str] | None, changes: Sequence[str] | None) -> Asked:
    """The study that a command's first word names, if it is no change, with those of `--set` and of its words.

    Raises:
        StudyError, StoreError: there is no such study, or a change cannot be read.
    """
    from collect import images
    from collect.study import changes as changing
    from collect.study import study_file

    source, typed = changing.told_apart([*filter(None, [study]), *(words or ())], DEFAULT)
    every = [*(changes or ()), *typed]
    named = any(change.partition("=")[0].strip() == "network" for change in every)
    place = source if study_file.is_place(source) else None
    if place is None and os.path.isfile(Path(source) / "study.toml"):  # noqa: PTH113  # names of any length
        said.warn(f"{source} is the preset of that name; the study in the folder is ./{source}")
    if "://" in source:
        return Asked(images.located(_in_bucket(source, every), [Path()]), place, named)
    moved = any(change.partition("=")[0].strip().endswith("dataset") for change in every)
    own = Path(place) if place else Path(source).parent
    bases = (Path(), own) if moved else (own, Path())
    return Asked(images.located(study_file.read(source, every), bases), place, named)


def _in_bucket(url: str, changes: Sequence[str]) -> "Study":
    from collect.store import keys, open_store
    from collect.study import own_network, study_file

    store = open_store(url)
    content = store.read(keys.STUDY)
    if content is None:
        start = said.command("run", "--out", url)
        raise StoreError(f"{url} holds no study: there is no study.toml; start one with {start}")
    return study_file.parse(
        content.decode(),
        url,
        changes,
        kept=lambda call: own_network.kept(call, store.read(keys.NETWORK) or b""),
    )


def unmistakable(place: object) -> str:
    """A place as it can be typed: a folder that is called as a preset is not that preset."""
    from collect.study import study_file

    return f"./{place}" if str(place) in study_file.presets() else str(place)


def right_form(error: Exception, words: Sequence[str]) -> str:
    """What is wrong with a command line; what is right where a setting is typed as an option, a study as a command.

    Args:
        error: what typer says of it.
        words: of the command line.
    """
    from collect.study import changes, study_file

    message = str(error.format_message()).replace("Value error, ", "")  # type: ignore[attr-defined]  # typer's own errors have it
    option = str(getattr(error, "option_name", ""))
    key = nearest(option.lstrip("-").replace("-", "_"), changes.KEYS, 0.8) if option.startswith("--") else None
    if key:
        return f"there is no option {option}; settings are words: {key}={_value_of(option, words)}"
    if message.startswith("No such command") and words and (words[0] in study_file.presets() or "=" in words[0]):
        return f"{message} Did you mean {said.command('run', *words)}?"
    return message


def _value_of(option: str, words: Sequence[str]) -> str:
    """What was typed after an option, with an equals sign or a space."""
    for word, after in zip(words, [*words[1:], "VALUE"], strict=True):
        if word == option:
            return after
        if word.startswith(f"{option}="):
            return word.removeprefix(f"{option}=")
    return "VALUE"


def resume(store: object, network: Sequence[str], options: Mapping[str, object], *, until_decided: bool) -> str:
    """The command that goes on with an interrupted run, with the word that names its network, if there is one."""
    chosen = [word for name, value in options.items() if value for word in (f"--{name}", value)]
    flags = ["--until-decided"] if until_decided else []
    return said.command("run", unmistakable(store), *network, *chosen, *flags)
