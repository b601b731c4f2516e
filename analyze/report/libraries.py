"""What matplotlib, fontTools and fontconfig need to work without a word on stderr."""

import atexit
import logging
import os
import shutil
import tempfile
from pathlib import Path

#: They log that a cache is being built, or that a table of a font is dropped: nothing that a reader could act on.
TALKATIVE = ("matplotlib", "fontTools")


def keep_quiet() -> None:
    """Before any of them is imported: their log goes nowhere, and their caches have a place that can be written.

    Without a home to write in, matplotlib and fontconfig complain of it; they get a folder that is removed at exit.
    """
    for name in TALKATIVE:
        logging.getLogger(name).addHandler(logging.NullHandler())
    settings = os.environ.get("MPLCONFIGDIR") or os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    if all(_writable(place) for place in (settings, os.environ.get("XDG_CACHE_HOME") or "~/.cache")):
        return
    scratch = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    os.environ |= {"XDG_CACHE_HOME": scratch, "MPLCONFIGDIR": scratch}


def _writable(place: str) -> bool:
    """Whether this folder, which may begin with the user's home, is there or can be made, and be written."""
    try:
        folder = Path(place).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # the latter: there is no home
        return False
    return os.access(folder, os.W_OK)
