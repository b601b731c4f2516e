"""The command line that asks a question of a study once more."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

#: What an option of Python is called on a command line.
CALLED = {"targets": "target", "trial_id": "id"}

#: What an option is where nobody gives it.
DEFAULTS = {"id": "trial_id", "seed": "seed"}


def of_report(*places: Path, **options: object) -> str:
    """The `analyze report` that asks this, typed where the study's folder lies: no other folder is named.

    Args:
        places: the study's folder, or the files of trials.
        options: by name, as typed: None and empty ones are left out, `target` is repeated, `contrast` has two words,
            other lists are joined by commas.
    """
    words = ["analyze", "report", *(os.fsencode(one.resolve().name).decode(errors="replace") for one in places)]
    for name, value in options.items():
        if value in (None, (), [], DEFAULTS.get(name)):
            continue
        if name == "paired":
            words.append("--paired" if value else "--unpaired")
            continue
        listed = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        if name == "target":
            words += [word for one in listed for word in ("--target", repr(one))]
        elif name == "contrast":
            words += ["--contrast", *map(str, listed)]
        else:
            words += [f"--{name}", ",".join("" if one is None else str(one) for one in listed)]
    return shlex.join(words)
