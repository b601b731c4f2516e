"""The words of a report: one catalogue a language, the same keys in each; some speak of what was compared."""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Literal

from markupsafe import Markup

from analyze.findings import ACCURACY, Response
from analyze.report.visible import spaced
from analyze.report.words.display import plain, shorten

Language = Literal["en", "zh"]

#: What a seed is called where it is a fold, by what a message calls it; names of placeholders are no words.
FOLDS: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": ((r"(?<!\{)\bseed", "fold"), (r"\bSeed", "Fold")),
    "zh": (("种子(?=太少|这样少|这么少|较少)", "折数"), ("随机种子|种子", "折")),
}


@dataclass(frozen=True)
class Catalogue:
    """Messages of one language by dotted key; a message is Markup with {placeholders}.

    They speak of `response`; `known` are the placeholders that this fills.
    """

    lang: Language
    messages: dict[str, str]
    response: Response = ACCURACY
    known: dict[str, Markup] = field(default_factory=dict)

    def __call__(self, key: str, **values: object) -> Markup:
        """The message with its values; a value that is not Markup is escaped.

        Raises:
            KeyError: there is no such message, or it asks for a value that is not given.
        """
        return Markup(self.messages[key]).format(**(self.known | values))  # noqa: S704  our own catalogue, values are escaped

    def text(self, key: str, **values: object) -> str:
        """The message as plain text, for figures and alternative texts."""
        return plain(self(key, **values))

    def name(self, kind: str, identifier: str) -> Markup:
        """What a reader calls a thing that findings name by an identifier; unknown ones keep their own name."""
        key = f"{kind}.{identifier}"
        return self(key) if key in self.messages else Markup.escape(identifier)

    def about(
        self,
        response: Response,
        *,
        own: bool,
        one_cell: bool = False,
        paired: bool = True,
        threshold: bool = False,
        folds: bool = False,
    ) -> "Catalogue":
        """The same speaking of this response, in a study of the collector's or in a table of somebody's own.

        `one_cell` says whether the compared factor is the only one, `paired` whether runs are compared within
        seeds, `threshold` whether with a number, `folds` whether seeds are folds of one data set.
        """
        kinds = {
            "response": not response.is_accuracy,
            "ratio": response.scale == "log",
            "no_margin": response.margin is None,
            "own_accuracy": own and response.is_accuracy,
            "own": own,
            "one_cell": one_cell,
            "unpaired": not paired,
            "threshold": threshold,
            "folds": folds,
        }
        messages = dict(self.messages) if any(kinds.values()) else self.messages
        for kind in (kind for kind, holds in kinds.items() if holds):
            begins = f"instead.{kind}."
            messages |= {key.removeprefix(begins): text for key, text in messages.items() if key.startswith(begins)}
        if folds:
            messages = {key: _of_folds(text, self.lang) for key, text in messages.items()}
        spoken = replace(self, messages=messages, response=response)
        return replace(spoken, known=_known(spoken, response))

    def without_names(self, names: Collection[str]) -> "Catalogue":
        """The same without names for these factors and settings, which then keep their own."""
        dropped = {f"{kind}.{name}" for kind in ("factor", "setting") for name in names}
        return replace(self, messages={key: text for key, text in self.messages.items() if key not in dropped})

    def join(self, parts: list[Markup]) -> Markup:
        """Parts of an enumeration: a, b and c."""
        if len(parts) < 2:
            return Markup("").join(parts)
        comma, conjunction = Markup(self.messages["list.comma"]), Markup(self.messages["list.and"])  # noqa: S704
        return comma.join(parts[:-1]) + conjunction + parts[-1]

    def sentences(self, parts: list[Markup]) -> Markup:
        """Sentences after one another, with the language's space between."""
        return Markup(self.messages["list.space"]).join(part for part in parts if part)  # noqa: S704


def _of_folds(text: str, lang: Language) -> str:
    """A message that speaks of folds where it spoke of seeds."""
    for seed, fold in FOLDS[lang]:
        text = re.sub(seed, fold, text)
    return text


def _known(words: Catalogue, response: Response) -> dict[str, Markup]:
    """What is said of a response: its name and units, which values are better, and what a gap is called."""
    own = Markup("<code>{}</code>").format(shorten(spaced(response.name)))
    ratio = response.scale == "log"
    values = "%" if response.unit == "pp" else response.unit
    units = {
        "gap": words.name("unit", "" if ratio else response.gap_unit),
        "values": words.name("unit", response.gap_unit if response.scale == "logit" else values),
    }
    in_brackets = {name: words("bound.unit", unit=unit) if unit else Markup("") for name, unit in units.items()}
    return {
        "outcome": words.name("response", response.name) if f"response.{response.name}" in words.messages else own,
        "extreme": words(f"bound.{response.better}"),
        "better": words(f"bound.better_{response.better}"),
        "difference": words("bound.ratio" if ratio else "bound.gap"),
        "origin": words("bound.one" if ratio else "bound.zero"),
        "in_brackets": in_brackets["gap"],
        "unit_in_brackets": in_brackets["values"],
        "in_unit": words("bound.in_unit", unit=units["gap"]) if units["gap"] else Markup(""),
        "band": Markup("") if response.margin is None else words("bound.band"),
    }


@cache
def catalogue(lang: Language) -> Catalogue:
    """The catalogue of this language, read once."""
    folder = resources.files("analyze.report.words") / "messages"
    found = Catalogue(lang, dict(_flatten(tomllib.loads((folder / f"{lang}.toml").read_text("utf-8")))))
    return replace(found, known=_known(found, ACCURACY))


def _flatten(tree: dict[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Nested tables as dotted keys."""
    flat: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            flat += _flatten(value, f"{prefix}{key}.")
        else:
            flat.append((prefix + key, str(value)))
    return flat
