"""How a page in Chinese is set, against examples of the standards."""

import re
from time import process_time

import pytest

from analyze.report import write
from analyze.report.words.chinese import numbers, typeset
from tests.analyze.sample import rich

SET = {
    "<p>用relu 时</p>": "<p>用 relu 时</p>",
    "<p>用<code>relu</code>时</p>": "<p>用 <code>relu</code> 时</p>",
    "<p>有<b> 网络 </b>时</p>": "<p>有<b>网络</b>时</p>",
    "<p>先激活 。 （<i>p</i>）</p>": '<p>先激活<span class="halt">。</span>（<i>p</i>）</p>',
    "<p>差值  为 [0.1, 0.2] 时</p>": "<p>差值为 [0.1, 0.2] 时</p>",
    "<p>2&nbsp;个</p><p>a</p>": "<p>2&nbsp;个</p><p>a</p>",
    "<p>偏 η²为</p>": "<p>偏 η² 为</p>",
    "<p>“好”，</p>": '<p>“好<span class="halt">”</span>，</p>',
    "<p>（“好”）</p>": '<p>（<span class="halt">“</span>好<span class="halt">”</span>）</p>',
    '<p>名<code class="quoted">激活 函数a</code>的</p>': '<p>名<code class="quoted">激活 函数a</code> 的</p>',
    "<title>一 a，b 二</title>": "<title>一 a，b 二</title>",
    "<td>一</td><td>a</td>": "<td>一</td><td>a</td>",
}


@pytest.mark.parametrize(("page", "shown"), SET.items())
def test_spaces_and_marks(page: str, shown: str) -> None:
    """One space to Latin, none within Chinese, across elements of a line; the first of two marks is half as wide."""
    assert typeset(page) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (".008", "0.008"),
        ("&lt;\u00a0.001", "&lt;\u00a00.001"),
        ("−.36", "−0.36"),
        ("0.30", "0.30"),
        ("1,000", "1000"),
        ("−2,704", "−2704"),
        ("12,500", "12\u2009500"),
        ("1,234,567.8", "1\u2009234\u2009567.8"),
    ],
)
def test_numbers(text: str, shown: str) -> None:
    """GB/T 15835: a zero before the point, no commas, and thin spaces from five digits; the value itself stays."""
    assert numbers(f'<data value=".5">{text}</data>') == f'<data value=".5">{shown}</data>'


def test_captions_end_without_a_stop() -> None:
    """GB/T 15834: even where a stop stands within."""
    assert typeset("<figcaption><b>甲。</b>乙。</figcaption>") == "<figcaption><b>甲。</b>乙</figcaption>"
    assert typeset("<figcaption><b>甲。</b></figcaption>") == "<figcaption><b>甲</b></figcaption>"


def test_a_whole_page_is_set() -> None:
    """No Chinese touches Latin, no space stands within Chinese, and no number lacks its zero, whatever was typed."""
    page = write.render(rich(), fmt="html", lang="zh").decode()
    page = re.sub(r"<(svg|style|head)\b.*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(r"<code\b.*?</code>", "x", page)
    assert re.findall(r"<data[^>]*>[^<]*(?<!\d)\.\d", page) == []
    text = re.sub(r"</?(?:a|abbr|b|bdi|cite|data|i|span|sub|sup)\b[^>]*>", "", page)
    assert "。</figcaption>" not in text.replace("\n", "")
    lines = re.sub("<[^>]*>", "|", text)
    assert len(re.findall(r"[\u4e00-\u9fff] [A-Za-z0-9]", lines)) > 100
    assert re.findall(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", lines) == []
    assert re.findall(r"[\u4e00-\u9fff] +[\u4e00-\u9fff]|[，。；：（] | [，。；：）]", lines) == []


def test_a_long_line_takes_no_longer_than_its_length_asks() -> None:
    """Twenty thousand names in one sentence, as of a design with many cells, are set within seconds."""
    begun = process_time()
    made = typeset(f"<p>{'深度<code>relu</code>的，（' * 20_000}</p>")
    assert made.count(" <code>relu</code> ") == 20_000
    assert process_time() - begun < 20
