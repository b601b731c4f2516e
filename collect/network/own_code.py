"""Runs the source of a network of one's own: the one place that does, and workers alone come here."""

import functools
import importlib
import inspect
import linecache
import sys
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from collect.errors import StudyError
from collect.study.own_network import OwnNetwork


@functools.lru_cache(maxsize=4)
def function_of(network: OwnNetwork) -> Callable[..., Any]:
    """The function that builds the network.

    Raises:
        StudyError: a package's module is another here than the study was planned with.
        Exception: whatever the source raises while it is run.
    """
    module = _installed(network) if network.version else _run(network)
    function: Callable[..., Any] = getattr(module, network.function)
    return function


def last_line(error: BaseException, file: str) -> str:
    """What an error says at last, and the innermost line of this file that it came through."""
    said = traceback.format_exception_only(error)[-1].strip()
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{said} ({file}, line {lines[-1]})" if lines else said


def _run(network: OwnNetwork) -> types.ModuleType:
    """A module of this source. Tracebacks show its lines, and what it defines can be pickled."""
    name = f"own_network_{network.sha256[:16]}"
    module = types.ModuleType(name)
    module.__file__ = network.file
    lines = network.source.splitlines(keepends=True)
    linecache.cache[network.file] = (len(network.source), None, lines, network.file)
    sys.modules[name] = module
    exec(compile(network.source, network.file, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  # see SECURITY.md
    return module


def _installed(network: OwnNetwork) -> types.ModuleType:
    module = importlib.import_module(network.file)
    source = Path(inspect.getsourcefile(module) or "").read_bytes().decode("utf-8-sig")
    if source != network.source:
        raise StudyError(f"{network.file} is another here than the study was planned with ({network.version})")
    return module
