"""A network of one's own: where it is defined, what identifies it, and the settings of a trial that trains it.

Nothing here runs its code: it is read as text (see `signature`), and run by workers alone (collect.network.own).
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any, Self

from pydantic.fields import FieldInfo

from collect import schema
from collect.errors import StudyError
from collect.study.signature import settings_of
from collect.study.trial import Settings
from collect.typed_columns import arrow_type

#: The built-in network, which is trained where no other is named.
BUILT_IN = "cnn"
#: A source that is larger is not read.
MOST_BYTES = 2**20
CALL = re.compile(r"(?P<file>[^:]+\.py):(?P<function>[A-Za-z_]\w*)|(?P<module>[A-Za-z_][\w.]*):(?P<name>[A-Za-z_]\w*)")


@dataclass(frozen=True)
class OwnNetwork:
    """A function that builds a network, by its source.

    Attributes:
        call: as it stands in tables: vit.py:build, or package.module:build.
        source: the text of the file that defines it.
        version: of the distribution that a package's module comes with, as name==version, and a digest of its code
            behind where that is edited in place; empty for a file.
        place: the call as it can be typed on this machine; empty where it lies with its study alone.
    """

    call: str
    source: str
    version: str = ""
    place: str = field(default="", compare=False)

    @property
    def function(self) -> str:
        """The name of the function."""
        return self.call.rpartition(":")[2]

    @property
    def file(self) -> str:
        """The name of the file, or of the module."""
        return self.call.rpartition(":")[0]

    @cached_property
    def sha256(self) -> str:
        """What identifies it, wherever it lies and whatever its file is called."""
        return hashlib.sha256(f"{self.function}\n{self.version}\n{self.source}".encode()).hexdigest()

    @property
    def model_fields(self) -> Mapping[str, FieldInfo]:
        """Its settings by name, in the order of its signature."""
        return settings_of(self.source, self.function, self.file)

    @property
    def columns(self) -> tuple[schema.Column, ...]:
        """Its settings as columns of the tables."""
        return tuple(
            schema.Column(name, arrow_type(said.annotation), "", said.description or f"setting of {self.call}")
            for name, said in self.model_fields.items()
        )

    def said(self) -> dict[str, str]:
        """What a plan says of it; the source lies beside."""
        return {"network": self.call} | ({"network_version": self.version} if self.version else {})

    def difference(self, other: Self) -> str:
        """What tells another one from it: the first line that differs."""
        if self.function != other.function:
            return f"the network was built by {self.function}, is by {other.function}"
        if self.version != other.version:
            return f"the network was of {self.version or 'a file'}, is of {other.version or 'a file'}"
        lines = zip_longest(self.source.splitlines(), other.source.splitlines())
        for number, (was, now) in enumerate(lines, 1):
            if was != now:
                before, after = ("nothing" if line is None else repr(line.strip()[:80]) for line in (was, now))
                return f"{other.file} has changed: line {number} was {before}, is {after}"
        return f"{other.file} has changed in the ends of its lines"

    def clashes(self) -> list[str]:
        """Names of its settings that mean something else in a study already."""
        taken = {*schema.ANY_NETWORK, "name", "seeds", "network", "factors", "recipe", "analysis"}
        for columns in (schema.IDENTITY, schema.SEED, schema.OUTCOME, schema.POINT, schema.LAYER):
            taken |= {column.name for column in columns}
        return [name for name in self.model_fields if name in taken]


class OwnSettings(Settings):
    """The settings of a trial that trains a network of one's own; those of the built-in one mean nothing to it.

    Attributes:
        built: what builds it.
        values: its own settings, each of them, in the order of the signature.
    """

    built: OwnNetwork
    values: tuple[tuple[str, str | int | float | bool], ...]

    @property
    def own(self) -> OwnNetwork | None:
        """What builds it."""
        return self.built

    def of_columns(self) -> dict[str, Any]:
        """Of the built-in network's settings there is none."""
        recipe = {name: getattr(self, name) if name in schema.ANY_NETWORK else None for name in Settings.model_fields}
        return {**recipe, **dict(self.values), "network": self.built.call}

    def with_levels(self, levels: Mapping[str, Any]) -> Self:
        """Its own settings, and others."""
        values = tuple((name, levels.get(name, value)) for name, value in self.values)
        own = dict(self.values)
        return self.model_copy(update={**{k: v for k, v in levels.items() if k not in own}, "values": values})

    def chosen(self) -> dict[str, Any]:
        """The source counts, and every setting of the network."""
        recipe = self.model_dump(include=set(schema.ANY_NETWORK) - {"dataset"}, exclude_defaults=True)
        return {**recipe, "network": {"sha256": self.built.sha256, "settings": dict(self.values)}}


def fields_of(network: OwnNetwork | None) -> Mapping[str, FieldInfo]:
    """Every setting of a study that trains this network; None is the built-in one."""
    if network is None:
        return Settings.model_fields
    shared = {name: said for name, said in Settings.model_fields.items() if name in schema.ANY_NETWORK}
    return {**network.model_fields, **shared}


def recipe_of(network: OwnNetwork | None) -> list[str]:
    """The names of those settings, those of the recipe in its own order and then the network's."""
    names = fields_of(network)
    return [name for name in {**Settings.model_fields, **names} if name in names]


def settings_from(values: Mapping[str, Any], network: OwnNetwork | None) -> Settings:
    """The settings with these values; where there is none, the default. See `fields_of`."""
    if network is None:
        return Settings(**values)
    own = tuple((name, values.get(name, said.default)) for name, said in network.model_fields.items())
    recipe = {name: value for name, value in values.items() if name not in network.model_fields}
    return OwnSettings(**recipe, built=network, values=own)


def found(call: str, bases: Sequence[Path]) -> OwnNetwork:
    """The network that a study file or a command line names, its code not run.

    Args:
        call: file.py:function, or package.module:function.
        bases: folders that a relative path may count from, the likeliest first.

    Raises:
        StudyError: there is no such file, module or function, or its settings cannot be read.
    """
    parts = CALL.fullmatch(call)
    if not parts:
        raise StudyError(f"network {call!r} is neither {BUILT_IN} nor file.py:function nor package.module:function")
    if parts["module"]:
        return _checked(_of_module(parts["module"], call))
    path = Path(parts["file"]).expanduser()
    places = [base / path for base in bases]
    place = next((one for one in places if one.is_file()), None)
    if place is None:
        raise StudyError(f"network {call!r}: there is no file {places[0]}")
    return _checked(OwnNetwork(f"{path.name}:{parts['function']}", _text(place), place=f"{place}:{parts['function']}"))


def kept(call: str, source: bytes, version: str = "") -> OwnNetwork:
    """The network that a study names whose source lies with it.

    Raises:
        StudyError: it is no such call, or the source is not sound.
    """
    parts = CALL.fullmatch(call)
    if not parts:
        raise StudyError(f"network {call!r} is no call of a function in a file")
    try:
        return _checked(OwnNetwork(call, source.decode(), version))
    except UnicodeDecodeError:
        raise StudyError(f"the source of {call!r} is no text") from None


def _of_module(module: str, call: str) -> OwnNetwork:
    """A module is found without running any package's code, as its parents' would be."""
    top, *rest = module.split(".")
    spec = importlib.util.find_spec(top)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    origins = [Path(str(spec.origin))] if spec and not rest and spec.origin else []
    places = origins + [
        place
        for folder in folders
        for place in (folder.joinpath(*rest).with_suffix(".py"), folder.joinpath(*rest, "__init__.py"))
    ]
    place = next((one for one in places if one.suffix == ".py" and one.is_file()), None)
    distributions = importlib.metadata.packages_distributions().get(top, [])
    if place is None or not distributions:
        raise StudyError(
            f"network {call!r}: no installed package has a module {module}; a file is named as file.py:function"
        )
    return OwnNetwork(call, _text(place), _version(distributions[0], folders), place=call)


def _version(name: str, folders: Sequence[Path]) -> str:
    """That of a distribution; one that is being edited where it lies is its code, whatever it calls itself."""
    distribution = importlib.metadata.distribution(name)
    version = f"{name}=={distribution.version}"
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")  # PEP 610
    if not origin.get("dir_info", {}).get("editable"):
        return version
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    return f"{version}+{digest.hexdigest()[:12]}"


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise StudyError(f"{path} is no file of a network: it is larger than {MOST_BYTES:,} bytes")
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{path} cannot be read: {error}") from None


def _checked(network: OwnNetwork) -> OwnNetwork:
    clashing = network.clashes()
    if clashing:
        raise StudyError(
            f"{network.call}: {', '.join(clashing)} means something else in a study already; give it another name"
        )
    return network
