"""The responses of a study file: what is wrong with them, and with the margin of the first."""

from collections.abc import Iterator

from collect.errors import closest
from collect.schema import OUTCOME
from collect.study.changes import shown
from collect.study.study import Analysis


def mistakes(analysis: Analysis) -> Iterator[str]:
    """What is wrong with the responses and the margin of the first, which belong together."""
    count = len(analysis.responses)
    if not count:
        yield "analysis.response names none; leave it out for test_accuracy"
    for key in ("better", "unit", "scale"):
        value = getattr(analysis, key)
        if isinstance(value, list) and len(value) != count:
            yield f"analysis.{key} has {len(value)} entries for {count} responses; give one, or one for each"
            return
    if len(set(analysis.responses)) < count:
        yield "analysis.response names a response twice; name each once"
    if count > 1 and analysis.threshold is not None:
        yield "analysis.threshold is a number of one response; name one"
    for place in range(count):
        yield from _of_one(analysis.of_response(place))


def _of_one(analysis: Analysis) -> Iterator[str]:
    """What is wrong with one response and its margin."""
    given = analysis.model_fields_set
    (response,) = analysis.responses
    numbers = {column.name for column in OUTCOME if str(column.type) == "double"}
    if response not in numbers:
        hint = closest(response, sorted(numbers))
        yield f"analysis.response: {shown(response)} is no result; {hint}"
    if "response" in given and "better" not in given and not response.endswith(("accuracy", "loss")):
        yield f"analysis.better must say which way {response} is better: higher, lower or neither"
    if {"margin", "margin_pp"} <= given:
        yield "analysis.margin and analysis.margin_pp are the same; keep one"
    if analysis.margin is not None and analysis.margin >= 100 and response.endswith("accuracy"):
        yield f"analysis.margin of an accuracy is in percentage points, below 100, not {analysis.margin:g}"
    if analysis.scale == "log" and "margin" in given:
        yield "analysis.margin is a difference; with scale log write margin_ratio"
    if analysis.scale != "log" and "margin_ratio" in given:
        yield "analysis.margin_ratio is of ratios; it needs scale log"
    accuracy = response.endswith("accuracy")
    most = 100 if analysis.unit == "percent" else 1
    if analysis.threshold is not None and accuracy and not 0 < analysis.threshold < most:
        yield f"analysis.threshold of an accuracy is between 0 and {most}, not {analysis.threshold:g}"
    if analysis.folds is not None and (analysis.threshold is not None or analysis.sequential):
        yield "analysis.folds takes no threshold and no looks, which are of independent seeds"
    if analysis.bounds is not None and not analysis.bounds[0] < analysis.bounds[1]:
        yield "analysis.bounds must be the least value and then the greatest"
