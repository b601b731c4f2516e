"""How a sentence writes what it speaks of, in English and in Chinese, and what that is in both."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Cell = tuple[str, ...]
KNOWN: dict[str, Any] = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text("utf-8"))
MEANT: dict[str, str] = KNOWN["meaning"] | {"": ""}


class UnreadError(AssertionError):
    """A sentence that no pattern knows."""


@dataclass(frozen=True)
class Kind:
    """How a value is written in each language, and what it is in both."""

    pattern: tuple[str, str]
    value: Callable[[str | None], Any] = lambda written: written


def _same(pattern: str, value: Callable[[str | None], Any] = lambda written: written) -> Kind:
    return Kind((pattern, pattern), value)


def cell_of(written: str) -> Cell:
    """The levels of a cell, each without the name of its factor; none of the mean over cells."""
    if written in ("all cells", "全部组合", "the one set-up", "唯一的组合", "averaged over the cells", "各组合的平均"):
        return ()
    return tuple(part.split()[-1].replace("−", "-") for part in re.split(r", |、", written))


def cells_of(written: str | None) -> list[Cell]:
    """Cells in order; an enumeration that is cut short ends with ("…",)."""
    listed, more = re.subn(r" and others$| 等$", "", written or "")
    return [*map(cell_of, re.split(r"; |；", listed)), *([("…",)] if more else [])]


FACTORS = {
    "深度": "depth",
    "激活函数": "activation",
    "先后顺序": "ordering",
    "宽度": "width",
    "归一化方式": "norm",
    "预热步数": "warmup",
    "warm-up": "warmup",
    "学习率": "learning_rate",
    "learning rate": "learning_rate",
    "batch size": "batch_size",
    "data set": "dataset",
}


def effects_of(written: str | None) -> list[tuple[str, ...]]:
    """Effects, each the tuple of its factors."""
    parts = re.split(r", | and |、|和", written or "")
    return [tuple(FACTORS.get(name, name) for name in one.split(" × ")) for one in parts]


def numbers_of(written: str | None) -> tuple[str, ...]:
    """The numbers of a text, as they are printed."""
    return tuple(re.findall(NUMBER, written or ""))


def items_of(written: str | None) -> list[tuple[Cell, tuple[str, ...]]]:
    """Cells with the numbers that stand beside them."""
    found = re.findall(r"(?:; |；)?([^();（）]+?) ?[(（]([^()（）]*)[)）]", written or "")
    more = re.search(r" and others$| 等$", written or "")
    return [*((cell_of(cell), numbers_of(numbers)) for cell, numbers in found), *([(("…",), ())] if more else [])]


NUMBER = r"[−+]?\d(?:[\d,]*\d)?(?:\.\d+)?(?: × 10\^[−\d]+)?"
#: Points have two decimals, what else is compared has a unit of its own or none.
UNIT = r"(?: (?:nats|points|s(?![a-z])))?"
POINTS = rf"(?:(?:[−+]?[\d,]+\.\d\d|–) pp|(?:{NUMBER}|–){UNIT}(?! pp))"
INTERVAL = r"(?:9[05]% CI \[[^\]]*\]|no interval|无区间)"
SEEDS = r"(?:n = [\d,]+|1) seeds?"
P = r"p (?:[=<>] \.\d{3}|= ?–)"
T = r"t\([\d.,]+\) = [−\d.,]*\d"
F = r"F\([\d., ]+\) = (?:[−\d.,]*\d|–)"
#: A name, or the number that runs are compared with.
LEVEL = r"(?:[A-Za-z][A-Za-z_]*|\d+\.\d+)"
CELL = (r"[^.;:()。；：（）]+?(?:\.\d+[^.;:()]*?)?", r"[^。；：（）]+?")
AMOUNT = rf"(?:{NUMBER}|–) (?:pp|nats)(?:[,，] ?{INTERVAL})*[,，] ?{SEEDS}"
ITEM = (rf"{CELL[0]} \([^()]*\)", rf"{CELL[1]}（[^（）]*）")
#: A margin of ratios as Chinese writes it.
WITHIN = r"[\d.]+ 及其倒数"
FASTER = (
    r"\w+ was (?:faster|slower)(?:, but by less than a factor of [\d.]+ \(90% CI \[[^\]]*\]\))?",
    rf"\w+ 学得较[快慢](?:，但时间比在 {WITHIN}之间（90% CI \[[^\]]*\]）)?",
)
SAME_PACE = (r"the two are equally fast within a factor of [\d.]+", rf"判为同样快（时间比在 {WITHIN}之间）")
PACE_OPEN = (
    r"it is not shown which of the two is faster, nor that they are equally fast",
    r"既不能判定孰快孰慢，也不能判定两者一样快",
)
PACE_FEW = (
    r"too few seeds for a verdict; the interval and p rest on normal errors",
    r"种子太少，无法判定；区间与 p 值以误差呈正态分布为前提",
)
PACES = (FASTER, SAME_PACE, PACE_OPEN, PACE_FEW)
PACE = ("|".join(one[0] for one in PACES), "|".join(one[1] for one in PACES))
RESPONSE = "|".join(map(re.escape, KNOWN["response"]))


def meant(written: str | None) -> str:
    """A turn of phrase by its meaning; of what is said of speed who is faster, and how it is qualified."""
    phrase = written or ""
    if phrase in MEANT:
        return MEANT[phrase]
    for sign, meaning in KNOWN["sign"].items():
        if sign in phrase:
            qualified = " trivial" if "by less than" in phrase or re.search("但(?:时间比|比值)在", phrase) else ""
            return meaning + qualified
    raise UnreadError(f"no meaning is known of {phrase!r}")


def _phrases(*phrases: str) -> Kind:
    return _same("|".join(map(re.escape, sorted(phrases, key=len, reverse=True))), meant)


def mean_of(written: str | None) -> list[Cell]:
    """The cells that a mean leaves out."""
    without = re.search(r"[(（](?:without |不含)(.*)[)）]", written or "")
    return cells_of(without[1]) if without else []


def tested_of(written: str | None) -> list[tuple[str, ...]]:
    """Effects with the numbers of their tests."""
    found = re.findall(r"(?:; |；)?([^();（）]+?) ?[(（](F.*?p [=<>] \.\d{3})[)）]", written or "")
    return [(*effects_of(name)[0], *numbers_of(test)) for name, test in found]


def changes_of(written: str | None) -> list[tuple[str, ...]]:
    """Coefficients: the estimate, the numbers beside it and what is decided of it."""
    beside = re.findall(r"[(（](9[05]% CI [^()（）]*)[)）]", written or "")
    parts = [re.split(r"; |；", one, maxsplit=1) for one in beside]
    estimates = re.findall(rf"(?:is|为|时的) ({NUMBER})(?: times| 倍|（9|, | \(9|$)", written or "")
    return [(one, *numbers_of(p), meant(decided)) for one, (p, decided) in zip(estimates, parts, strict=False)]


def bound_of(written: str | None) -> tuple[str, ...]:
    """What an estimate was held against: above, below, not or within, and the numbers."""
    words = {"above": "above", "高于": "above", "below": "below", "低于": "below", "not": "not", "不等于": "not"}
    how = next((meaning for word, meaning in words.items() if word in (written or "")), "within")
    return how, *numbers_of(written)


def measures_in(written: str | None) -> int:
    """How many measures are named, apart from the cells that some of them are over."""
    bare = re.sub(r" ?[(（][^()（）]*(?: cells: |个组合中的)[^()（）]*[)）]", "", written or "")
    return len(re.split(r" and |, (?!last|mean)|、|(?<!饱)和", bare))


MEASURED = (rf".+? was {NUMBER}(?: pp)?, 9[05]% CI \[[^\]]*\]", rf".+?为 {NUMBER}(?: pp)?，9[05]% CI \[[^\]]*\]")
BOUND = (
    rf"(?:(?:above|below|not) {NUMBER}|within {NUMBER} to {NUMBER})",
    rf"(?:(?:高于|低于|不等于) {NUMBER}|在 {NUMBER} 至 {NUMBER} 之内)",
)


def measured_of(written: str | None) -> tuple[str, ...]:
    """Estimate, coverage and interval, which stand at the end of the text."""
    found = re.search(rf"({NUMBER})(?: pp)?[,，] ?(9[05])% CI \[({NUMBER}), ({NUMBER})\]$", written or "")
    assert found, written
    return found.groups()


def at_levels_of(written: str | None) -> list[tuple[str, ...]]:
    """Levels with what they say of a claim, and the numbers that say so."""
    found = re.findall(
        r"([^\s;；，]+) (supports it|refutes it|支持|否定) ?[(（](.*?)[)）](?=[;；.。]|$)", written or ""
    )
    return [(level, VERB[verb], *numbers_of(shown.replace(level, ""))[-5:]) for level, verb, shown in found]


#: Numbers in words, and levels of the ordering as a reader without statistics has them.
IN_WORDS = {
    word: count
    for words in (
        "one two three four five six seven eight nine ten eleven twelve",
        "一 两 三 四 五 六 七 八 九 十 十一 十二",
    )
    for count, word in enumerate(words.split(), start=1)
}
SPOKEN = {
    "activation first": "act_bn",
    "先激活": "act_bn",
    "batchnorm first": "bn_act",
    "先 bn": "bn_act",
    "no batchnorm": "none",
    "不用 bn": "none",
    "batchnorm before the convolution": "bn_conv",
    "先 bn 后卷积": "bn_conv",
    "pre-ln": "pre",
    "前置归一化": "pre",
    "post-ln": "post",
    "后置归一化": "post",
}
HOW_MANY = (rf"(?:{'|'.join(IN_WORDS)}|[\d,]+)", rf" ?(?:{'|'.join(sorted(IN_WORDS, key=len, reverse=True))}|[\d,]+) ?")
NAMED = f"(?i:{'|'.join(sorted(SPOKEN, key=len, reverse=True))})"
SPOKEN_LEVEL = (
    rf"(?:{NAMED}|\d+ layers?|[a-z_]+(?: [a-z_]+)? [\d.−]+|{LEVEL})",
    rf" ?(?:{NAMED}|\d+ 层|[\u4e00-\u9fff]+ [\d.−]+|[a-z_]+ [\d.−]+|{LEVEL}) ?",
)


def how_many(written: str | None) -> int:
    """A number in words or digits, before what is counted."""
    counted = re.match(rf" ?({'|'.join(sorted(IN_WORDS, key=len, reverse=True))}|[\d,]+)", (written or "").lower())
    assert counted, written
    return IN_WORDS.get(counted[1]) or int(counted[1].replace(",", ""))


def averaged_of(written: str | None) -> str:
    """Over which cells a mean is, by how its sentence begins."""
    begins = written or ""
    if re.search("one set-up|唯一", begins):
        return "the one left"
    if re.search("enough|足够", begins):
        return "those left"
    return "all" if begins else "one"


def spoken_level(written: str | None) -> str:
    """A level by the name that the findings have."""
    name = (written or "").strip()
    return SPOKEN.get(name.lower()) or re.sub(r" (?:layers?|层)$", "", name).split()[-1].replace("−", "-")


def place_of(written: str | None) -> tuple[str, Any]:
    """Where: in every cell, in so many of them, with any of these levels, or with all of these."""
    place = (written or "").strip().lower()
    if place in ("in every set-up", "在每种组合中"):
        return "every", None
    if re.search("set-ups$|种组合中$", place):
        return "count", how_many(re.sub("^in |^在(?:另外)?", "", place))
    found = re.findall(
        rf"(?<![\w.]){LEVEL}|−?\d[\d.]*", re.sub(r"^with | (?:and|or) |层|layers?|网络$|时$", " ", place)
    )
    names = {word for name in (*FACTORS, *FACTORS.values()) for word in (name, *re.split(r"[- ]", name))}
    return "any" if re.search(" or |或", place) else "all", sorted(one for one in found if one not in names)


def frequency_of(written: str | None) -> tuple[str, str]:
    """So many of every 1000, about or less."""
    less = re.search("fewer|less|不到", written or "")
    count = next(one for one in numbers_of(written) if one != "1000")
    return "less" if less else "about", count


#: Responses and which of their values are better, in both languages.
OUTCOMES = {"测试损失": "test loss", "测试准确率": "test accuracy"}
EXTREMES = {"高": "higher", "低": "lower"}

VERB = {"supports it": "supported", "支持": "supported", "refutes it": "refuted", "否定": "refuted"}

#: A thing that a pattern names in braces, by name.
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("first", "second", "winner", "again"), _same(LEVEL)),
    "contrast": _same(rf"{LEVEL} − {LEVEL}"),
    **dict.fromkeys(("gap", "best", "worst", "tau", "observed"), _same(POINTS)),
    "margin": _same(rf"±(?:[\d.]+ pp|{NUMBER}{UNIT})"),
    "outcome": _same(
        "val_loss|val_acc|seconds|test loss|测试损失|test accuracy|测试准确率",
        lambda written: OUTCOMES.get(written or "", written),
    ),
    "extreme": _same("higher|lower|高|低", lambda written: EXTREMES.get(written or "", written)),
    "size": _same(rf"{NUMBER}(?: pp|{UNIT})"),
    "ci": _same(INTERVAL, lambda written: None if written in ("no interval", "无区间") else written),
    "grown": _same(POINTS),
    "looked": Kind(
        (
            r"\[[^\]]*\] at every look|so far without an end at every look",
            r"各次查看均成立的区间 \[[^\]]*\]|尚不能给出各次查看均成立的有限区间",
        ),
        lambda written: numbers_of(written) or None,
    ),
    "level_of_tests": _same(r"\.\d+"),
    "share_ci": Kind(
        (r"(?:, 95% CI \[[^\]]*\])?", r"(?:，95% CI \[[^\]]*\])?"), lambda written: numbers_of(written)[1:]
    ),
    "pi": _same(r"95% PI \[[^\]]*\]"),
    "p": _same(P),
    "F": Kind((rf"{F}, {P}", rf"{F}，{P}"), numbers_of),
    "t_test": Kind(
        (
            rf"{T}, {P}|all differences are the same, and a t test does not exist",
            rf"{T}，{P}|所有差值都相同，无从作 t 检验",
        ),
        numbers_of,
    ),
    "n": _same(SEEDS, numbers_of),
    **dict.fromkeys(
        ("count", "needed", "number", "low", "high", "planned", "completed", "diverged", "failed", "pending", "stuck"),
        _same(rf"{NUMBER}|–"),
    ),
    **dict.fromkeys(("alpha", "eta"), _same(r"−?\.\d+|1\.000|–")),
    **dict.fromkeys(("one", "ten", "significant", "unpaired"), _same(r"[<>] \.\d\d|\.\d\d|1\.00|–")),
    **dict.fromkeys(("target", "share", "other_share"), _same(r"[\d.]+%|–")),
    "network": _same(r"\S+"),
    **dict.fromkeys(
        ("cells", "best_cell", "worst_cell"),
        Kind((f"{CELL[0]}(?:; {CELL[0]})*?", f"{CELL[1]}(?:；{CELL[1]})*?"), cells_of),
    ),
    "items": Kind((f"{ITEM[0]}(?:; {ITEM[0]})*(?: and others)?", f"{ITEM[1]}(?:；{ITEM[1]})*(?: 等)?"), items_of),
    **dict.fromkeys(("factors", "effects", "effect"), Kind((r"[^.:()]+?", r"[^。：（）；，]+?"), effects_of)),
    "tested": Kind((r".+?\)", r".+?）"), tested_of),
    "every_cell": _phrases(*[phrase for phrase, meaning in MEANT.items() if meaning in ("every", "every other")]),
    "over": _phrases(*[phrase for phrase, meaning in MEANT.items() if meaning in ("all", "others", "other", "one")]),
    "family": _phrases(*[phrase for phrase, meaning in MEANT.items() if meaning in ("family", "")]),
    "in_mode": _phrases(*[phrase for phrase, meaning in MEANT.items() if meaning in ("running", "batch", "")]),
    "response": _same(RESPONSE, lambda written: KNOWN["response"][written or ""]),
    **dict.fromkeys(
        ("response_name", "other_response"), _same(RESPONSE, lambda written: KNOWN["response"][written or ""])
    ),
    "mean_of": Kind(
        (
            r"(?:averaged over (?:all cells|the cells that enough seeds completed \(without [^()]*\)), )?",
            r"(?:对(?:全部组合|完成种子数足够的组合（不含[^（）]*）)取平均，)?",
        ),
        mean_of,
    ),
    "over_cells": Kind((r"(?:, averaged over the cells)?", r"(?:对各组合取平均，)?"), bool),
    "of_what": Kind(
        (r"the mean over cells|the gap", "各组合平均|差值"),
        lambda written: "cell" in (written or "") or "组合" in (written or ""),
    ),
    "amount": _same(AMOUNT, numbers_of),
    "finding": Kind((r"the two are equivalent within ±[\d.]+ pp|[a-z ,]+?", r"在 ±[\d.]+ pp之内等效|[^：]+?"), meant),
    "pace": Kind(PACE, meant),
    "images": Kind(
        (rf"{LEVEL} needed (?:more|fewer)|no [a-z ,]+|too few [a-z ]+", rf"{LEVEL} 所需图像较[多少]|[^。]+"), meant
    ),
    "within": Kind((r"a factor of [\d.]+", WITHIN), numbers_of),
    "over_targets": Kind(
        (
            r"(?: after Holm’s correction over the targets beyond the first)?",
            r"(?:在主要目标以外的各目标之间作 Holm 校正后 )?",
        ),
        bool,
    ),
    "changes": Kind((r"the (?:time ratio|ratio of ratios).+?", r"[^：]*?时间比.+?"), changes_of),
    "measures": Kind((r"(?:[^.]|\.\d)+?(?!\.\d)", r"[^。]+?"), measures_in),
    **dict.fromkeys(
        ("level_list", "other_levels"),
        Kind(
            (r"[^.:]+?", r"[^。：]+?"),
            lambda written: sorted(re.split(r", | and |、|和", (written or "").replace(" ", " "))),
        ),
    ),
    "of_factor": Kind((r"[^.:()]+?", r"[^。：（）；，]+?"), lambda written: (written or "").strip()),
    "agree": Kind((r" \([a-z:,; ]+\)", r"（[^（）]+）"), bool),
    "averaged": Kind((r"(?:, averaged over cells)?", r"(?:（对各组合取平均）)?"), bool),
    "reason": Kind((r".+?", r".+?"), lambda _: None),
    "measured": Kind(MEASURED, measured_of),
    "bound": Kind(BOUND, bound_of),
    **dict.fromkeys(("leader", "loser", "either", "other"), Kind(SPOKEN_LEVEL, spoken_level)),
    "several": Kind((rf"{HOW_MANY[0]} seeds", rf"(?:{HOW_MANY[1]}个种子| ?[\d,]+ seeds)"), how_many),
    "random": Kind(
        (
            rf"{HOW_MANY[0]} (?:random )?seeds?",
            rf"{HOW_MANY[1]}(?:个(?:随机)?种子|seeds)",
        ),
        how_many,
    ),
    "at_most": Kind((r"(?:at most )?", r"(?:最多)?"), bool),
    "wanted": Kind(HOW_MANY, how_many),
    "every": Kind(
        (r"in every set-up(?: that enough seeds completed)?", r"在(?:种子数足够的)?每种组合中"),
        lambda written: bool(re.search("enough|足够", written or "")),
    ),
    "on_average": Kind(
        (
            r"(?:on average(?: over the set-ups that enough seeds completed)?, |in the one set-up that [a-z ]+, )?",
            r"(?:平均而言，|就种子数足够的组合平均而言，|在唯一种子数足够的组合中，)?",
        ),
        averaged_of,
    ),
    "place": Kind(
        (
            rf"(?:in every set-up|in {HOW_MANY[0]}(?: other)? set-ups|with (?:[^.;:]|\.\d)+?)",
            rf"(?:在每种组合中|在(?:另外)?{HOW_MANY[1]}种组合中|[^；，。]+?(?:网络|时))",
        ),
        place_of,
    ),
    "bounded": _same(rf"[\d.]+ pp|{NUMBER}{UNIT}"),
    "more": Kind(
        (
            r"(?:about|fewer than) [\d,]+ more of every 1000",
            r"每 1000 张(?:约多认对 [\d,]+|多认对不到 [\d,]+) 张",
        ),
        frequency_of,
    ),
    "of_thousand": Kind((r"(?:less than )?[\d,]+ of every 1000", r"每 1000 张 ?(?:不到 )?[\d,]+ 张"), frequency_of),
    "examples": Kind(("test (?:images|examples)", "测试图像"), lambda _: None),
    **dict.fromkeys(("data", "structures"), Kind((r".*?", r".*?"), lambda _: None)),
    "at_levels": Kind((r".+?\)", r".+?）"), at_levels_of),
}
