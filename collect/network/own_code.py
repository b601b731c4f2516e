"""Runs the source of a network of one's own: the one place that does, and workers alone come here."""

import importlib
import inspect
import linecache
import random
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from collect.errors import StudyError
from collect.study.own_network import OwnNetwork


def function_of(network: OwnNetwork) -> Callable[..., Any]:
    """The function that builds the network. The global generators are left where its source left them.

    A file is run anew each time, and from one state of theirs: what it draws or keeps outside of its functions is the
    same for every trial, and no trial finds what another one left there.

    Raises:
        StudyError: a package's module is another here than the study was planned with.
        Exception: whatever the source raises while it is run.
    """
    seed_globals(0)
    module = _installed(network) if network.version else _run(network)
    function: Callable[..., Any] = getattr(module, network.function)
    return function


def seed_globals(seed: int) -> None:
    """Seed the generators from which code of anybody's may draw: torch's, Python's and NumPy's."""
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002  # it is the global one that others draw from


@contextmanager
def python_generators_kept() -> Iterator[None]:
    """Python's and NumPy's global generators are afterwards as they were."""
    python, numpy = python_generators()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def python_generators() -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The states of Python's and of NumPy's global generator."""
    return random.getstate(), np.random.get_state(legacy=True)  # type: ignore[return-value]  # noqa: NPY002


@contextmanager
def exits_are_errors() -> Iterator[None]:
    """Code of anybody's that calls sys.exit fails its trial and ends no run.

    Raises:
        RuntimeError: it did.
    """
    try:
        yield
    except SystemExit as exit_:
        raise RuntimeError(f"it called sys.exit({exit_.code!r})") from exit_


def last_line(error: BaseException, file: str) -> str:
    """What an error says at last, and the innermost line of this file that it came through."""
    said = traceback.format_exception_only(error)[-1].strip()
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{said} ({file}, line {lines[-1]})" if lines else said


def _run(network: OwnNetwork) -> types.ModuleType:
    """A module of this source. Tracebacks show its lines, and what it defines can be pickled.

    It does not find what lies in the current folder, which is no part of its identity and elsewhere is another.
    """
    name = f"own_network_{network.sha256[:16]}"
    module = types.ModuleType(name)
    module.__file__ = network.file
    lines = network.source.splitlines(keepends=True)
    linecache.cache[network.file] = (len(network.source), None, lines, network.file)
    sys.modules[name] = module
    code = compile(network.source, network.file, "exec", dont_inherit=True)
    everywhere = list(sys.path)
    sys.path[:] = [place for place in everywhere if Path(place or ".").resolve() != Path.cwd()]
    try:
        exec(code, module.__dict__)  # noqa: S102  # see SECURITY.md
    finally:
        sys.path[:] = everywhere
    return module


def _installed(network: OwnNetwork) -> types.ModuleType:
    module = importlib.import_module(network.file)
    source = Path(inspect.getsourcefile(module) or "").read_bytes().decode("utf-8-sig")
    if source != network.source:
        raise StudyError(f"{network.file} is another here than the study was planned with ({network.version})")
    return module
