"""The HTML page in a real browser: no console error, no horizontal overflow, a table that can be read."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from analyze.report import write
from tests.analyze.others import ARABIC, HEBREW
from tests.analyze.sample import sample

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="no Chromium here; apt install chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium with a profile of its own."""
    assert CHROMIUM, "CI must have Chromium"
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample's page as a file: URL."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    write.write(sample(), path, fmt="html", lang="en")
    return path.as_uri()


def opened(
    browser: Browser, address: str, width: int, scheme: str = "light", *, scripts: bool = True
) -> tuple[Page, list[str]]:
    """The page in a window of this width, and what the console complained about."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=scripts,  # type: ignore[arg-type]
    )
    page = context.new_page()
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        heard.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request", lambda request: heard.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    page.goto(address)
    return page, heard


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1600])
def test_the_page_fits_any_window(browser: Browser, address: str, width: int, scheme: str) -> None:
    """Nothing overflows sideways, the console is silent, nothing is fetched, and text stands out from its ground."""
    page, heard = opened(browser, address, width, scheme)
    assert heard == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    colours = page.evaluate(
        "(() => { const of = (e, p) => getComputedStyle(e)[p].match(/[\\d.]+/g).slice(0, 3).map(Number);"
        " return [of(document.body, 'color'), of(document.documentElement, 'backgroundColor')]; })()"
    )
    assert abs(sum(colours[0]) - sum(colours[1])) > 400
    assert (sum(colours[1]) < 200) == (scheme == "dark")
    page.context.close()


def test_the_verdicts_can_be_read(browser: Browser, address: str) -> None:
    """Every verdict of the findings stands in the table of claims, in words."""
    page, _ = opened(browser, address, 1600)
    rows = page.locator("#table-claims tbody tr").all_inner_texts()
    words = {"refuted", "inconclusive", "supported", "premise not met", "not tested by this design"}
    assert len(rows) == len(sample().claims)
    assert {word for word in words if any(word in row for row in rows)} == words
    page.context.close()


def test_figures_are_drawn_and_named(browser: Browser, address: str) -> None:
    """Every figure has a size on the page and a text for those who cannot see it."""
    page, _ = opened(browser, address, 1600)
    figures = page.locator(".drawing")
    assert figures.count() >= 6
    for index in range(figures.count()):
        box = figures.nth(index).bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 40
        assert len(figures.nth(index).get_attribute("aria-label") or "") > 40
    page.context.close()


def test_identifiers_are_unique(browser: Browser, address: str) -> None:
    """Figures inlined into one page do not share identifiers, and every link has its target."""
    page, _ = opened(browser, address, 1600)
    found = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(found) == len(set(found))
    links = page.evaluate("[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href').slice(1))")
    assert links
    assert set(links) <= set(found)
    page.context.close()


def test_the_page_reads_without_scripts(browser: Browser, address: str) -> None:
    """The answer is there with JavaScript off."""
    page, _ = opened(browser, address, 800, scripts=False)
    assert "act_bn" in page.locator(".sentence").inner_text()
    page.context.close()


def test_a_printed_page_has_no_screen_leftovers(browser: Browser, address: str, tmp_path: Path) -> None:
    """Printing from the browser works and gives several pages."""
    page, _ = opened(browser, address, 1000)
    page.pdf(path=tmp_path / "printed.pdf")
    assert (tmp_path / "printed.pdf").stat().st_size > 20_000
    page.context.close()


#: Where every character of a number stands, from the left, and where the names and numbers of cells and contrasts do.
PLACES = """() => {
  const left = (node, i) => {
    const range = document.createRange();
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    return range.getClientRects()[0].left;
  };
  const box = element => element.getClientRects()[0];
  const drawn = [...document.querySelectorAll('svg text')].filter(one => one.textContent.includes('−0.5'));
  const beside = [...document.querySelectorAll('main code + data, main .stat > code + code')];
  const lined = beside.map(one => [box(one.previousElementSibling), box(one)]).filter(([a, b]) => a.top < b.bottom);
  return {
    printed: [...document.querySelectorAll('main data')].filter(one => one.firstChild.nodeType === 3)
      .map(one => [one.textContent, [...one.textContent].map((_, i) => left(one.firstChild, i))]),
    drawn: drawn.map(one => {
      const start = one.textContent.indexOf('−0.5');
      return [one.textContent, [0, 1, 2, 3].map(i => one.getStartPositionOfChar(start + i).x)];
    }),
    beside: lined.filter(([a, b]) => Math.abs(a.top - b.top) < a.height).map(([a, b]) => ['beside', [a.left, b.left]]),
  };
}"""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_name_turns_a_number_round(browser: Browser, tmp_path: Path, lang: str) -> None:
    """Beside an override and beside Hebrew and Arabic names, numbers and contrasts run from left to right."""
    contrast = (HEBREW, "adam\u202e")
    factors = {"ordering": contrast, "עומק": (-0.5, 2.25), "activation": (ARABIC, "relu")}
    found = sample(factors=factors, contrast=contrast)
    write.write(found, tmp_path / "r.html", fmt="html", lang=lang)  # type: ignore[arg-type]
    page, heard = opened(browser, (tmp_path / "r.html").as_uri(), 1600)
    assert heard == []
    places = page.evaluate(PLACES)
    assert min(map(len, places.values())) >= 4
    turned = [(kind, text) for kind, marks in places.items() for text, xs in marks if xs != sorted(xs)]
    assert turned == []
    shown = page.locator(".sentence").inner_text()
    assert f"{HEBREW} − adam\\u202e" in shown
    page.context.close()


def test_a_script_of_somebody_else_would_not_run(browser: Browser, address: str, tmp_path: Path) -> None:
    """The page's policy stops a script, a picture from elsewhere and its handler, were one to get in."""
    page = Path(address.removeprefix("file://")).read_text("utf-8")
    sneaked = "<script>document.title = 'x'</script><img src='http://localhost:9/x' onerror=\"document.title = 'x'\">"
    (tmp_path / "sneaked.html").write_text(page.replace("</main>", f"{sneaked}</main>"), "utf-8")
    shown, heard = opened(browser, (tmp_path / "sneaked.html").as_uri(), 800)
    assert "synthetic" in shown.title()
    assert sum("Content Security Policy" in line for line in heard) >= 2
    shown.context.close()
