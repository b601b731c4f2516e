"""The HTML page in a real browser: no console error, no horizontal overflow, a table that can be read."""

import io
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from analyze.report import result_tables, write
from analyze.report.figures import FIGURES
from analyze.report.json_twin import to_json
from tests.analyze.others import ARABIC, HEBREW
from tests.analyze.sample import rich, sample

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
def full(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of findings with every section, as a file: URL."""
    path = tmp_path_factory.mktemp("full") / "report.html"
    write.write(rich(), path, fmt="html", lang="en")
    return path.as_uri()


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


#: Of each figure the drawings that are shown, the widths of its box, and the width and size of text of what is shown.
DRAWINGS = """() => [...document.querySelectorAll('.drawing')].map(box => {
  const all = [...box.querySelectorAll('svg')], shown = all.filter(one => getComputedStyle(one).display !== 'none');
  const drawn = shown[0], width = drawn.getBoundingClientRect().width, text = drawn.querySelector('text');
  const size = parseFloat(getComputedStyle(text).fontSize) * width / drawn.viewBox.baseVal.width;
  return {shown: shown.map(one => all.indexOf(one)), inner: box.scrollWidth, outer: box.clientWidth, width, size};
})"""


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
    """Every verdict stands in the table of claims, in words; what cannot be tested is named below it."""
    page, _ = opened(browser, address, 1600)
    rows = page.locator("#table-claims tbody tr").all_inner_texts()
    words = {"refuted", "mixed", "inconclusive", "supported", "premise not met"}
    assert len(rows) == len(sample().claims) - 1
    assert {word for word in words if any(word in row for row in rows)} == words
    assert "Not testable with this design" in page.locator("#claims .untested").inner_text()
    page.context.close()


def test_a_claim_is_read_whole_in_a_narrow_window(browser: Browser, address: str) -> None:
    """In a window of 400 px the reason stands below the claim, and nobody scrolls sideways for a verdict."""
    page, _ = opened(browser, address, 400)
    inner, outer = page.locator("#table-claims").evaluate(
        "f => { const box = f.querySelector('.scroll'); return [box.scrollWidth, box.clientWidth] }"
    )
    assert inner <= outer
    claim, why = (page.locator(f"#table-claims tbody tr:first-child > :nth-child({place})") for place in (2, 3))
    above, below = claim.bounding_box(), why.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"] + 1
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "place"), [(1600, 0), (641, 0), (640, 1), (400, 1), (340, 1)])
def test_a_figure_is_shown_as_wide_as_its_window(
    browser: Browser, full: str, width: int, place: int, scheme: str
) -> None:
    """One of its two drawings, whole and in its column, its text as large as a caption's; nothing scrolls sideways."""
    page, _ = opened(browser, full, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = page.evaluate(DRAWINGS)
    assert len(found) == len(FIGURES.keys() - {"layernorm_places"})  # which a study of BatchNorm has not
    assert [one for one in found if one["shown"] != [place]] == []
    assert [one for one in found if one["inner"] > one["outer"] or one["width"] > one["outer"] + 0.5] == []
    assert [one for one in found if not 7.5 <= one["size"] <= 15] == []
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


def test_identifiers_are_unique(browser: Browser, full: str) -> None:
    """Figures inlined into one page do not share identifiers, and every link has its target."""
    page, _ = opened(browser, full, 1600)
    found = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(found) == len(set(found))
    links = page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))")
    judged = [claim.id for claim in rich().claims if claim.verdict != "not_tested"]
    assert set(links) >= {"effects", *(f"{place}-{claim}" for place in ("claim", "evidence") for claim in judged)}
    assert judged
    assert set(links) <= set(found)
    page.context.close()


def test_every_heading_can_be_linked_to(browser: Browser, full: str) -> None:
    """Its anchor shows when the pointer is over it, and leads to itself."""
    page, _ = opened(browser, full, 1600)
    headings = page.locator("h1, h2")
    assert headings.count() >= 9
    for heading in headings.all():
        anchor = heading.locator("a.anchor")
        assert anchor.evaluate("a => getComputedStyle(a).opacity") == "0"
        heading.hover()
        assert anchor.evaluate("a => getComputedStyle(a).opacity") == "1"
        target = (anchor.get_attribute("href") or "")[1:]
        assert heading.evaluate("(h, id) => document.getElementById(id).contains(h)", target)
    page.context.close()


@pytest.mark.parametrize(("width", "beside"), [(1600, True), (1200, True), (1100, False), (400, False)])
def test_contents_stand_beside_the_text_where_there_is_room(
    browser: Browser,
    full: str,
    width: int,
    beside: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    """From 1200 px, and there they stay in sight however far one reads."""
    page, _ = opened(browser, full, width)
    page.locator("#references").scroll_into_view_if_needed()
    contents, text = page.locator("nav").bounding_box(), page.locator("#references").bounding_box()
    assert contents is not None
    assert text is not None
    assert (contents["x"] + contents["width"] <= text["x"]) == beside
    assert (0 <= contents["y"] < 900) == beside
    page.context.close()


def test_the_data_can_be_downloaded(browser: Browser, full: str, tmp_path: Path) -> None:
    """The policy of the page lets a reader save the JSON twin and the tables, byte for byte; the page stays small."""
    page, heard = opened(browser, full, 1600)
    found = {}
    for link in page.locator("a[download]").all():
        with page.expect_download() as saving:
            link.click()
        saving.value.save_as(tmp_path / "saved")
        found[saving.value.suggested_filename] = (tmp_path / "saved").read_bytes()
    assert heard == []
    assert found["report.json"] == to_json(rich())
    with zipfile.ZipFile(io.BytesIO(found["tables.zip"])) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == result_tables.files_of(rich(), fmt="csv")
    assert Path(full.removeprefix("file://")).stat().st_size < 2_000_000
    page.context.close()


#: The places from the left of the decimal points of each column of numbers of each group of rows.
POINTS = """() => {
  const at = (node, i) => {
    const range = document.createRange();
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    return range.getBoundingClientRect().left;
  };
  const columns = {};
  const bodies = [...document.querySelectorAll('figure.table tbody')];
  for (const cell of document.querySelectorAll('figure.table td.number')) {
    const body = cell.closest('tbody'), numbers = [...cell.querySelectorAll('data')];
    numbers.forEach((one, k) => {
      const key = [body.closest('figure').id, bodies.indexOf(body), cell.cellIndex, numbers.length, k].join(' ');
      const point = one.textContent.indexOf('.');
      if (point >= 0) (columns[key] ??= []).push(at(one.firstChild, point));
    });
  }
  return columns;
}"""


def test_points_stand_under_one_another(browser: Browser, full: str) -> None:
    """In every column of every table, as the browser draws it: no two points of one group are a pixel apart."""
    page, _ = opened(browser, full, 1600)
    columns = page.evaluate(POINTS)
    assert sum(len(places) > 2 for places in columns.values()) > 30
    assert {key: places for key, places in columns.items() if max(places) - min(places) > 1} == {}
    page.context.close()


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb by WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2, 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_that_of_level_aa(browser: Browser, address: str, scheme: str) -> None:
    """Text 4.5 to 1 on the page and on what is marked, lines and marks of figures 3 to 1."""
    page, _ = opened(browser, address, 1600, scheme)
    names = ["ink", "soft", "paper", "band", "first", "second", "third", "fourth"]
    read = "names => names.map(n => getComputedStyle(document.documentElement).getPropertyValue('--' + n).trim())"
    colours = dict(zip(names, page.evaluate(read, names), strict=True))
    for text in ("ink", "soft", "first"):
        assert contrast(colours[text], colours["paper"]) >= 4.5, text
    assert contrast(colours["ink"], colours["band"]) >= 4.5
    for mark in ("second", "third", "fourth"):
        assert contrast(colours[mark], colours["paper"]) >= 3, mark
    page.context.close()


def test_long_names_fit_a_narrow_window(browser: Browser, tmp_path: Path) -> None:
    """A contrast of two long names is broken between them, and the title of a panel is shortened: nothing overflows."""
    contrast = ("adamw_with_decoupled_decay", "sgd_with_nesterov_momentum")
    factors = {"optimizer": contrast, "schedule": ("one_cycle_super_convergence", "step_decay_every_30_epochs")}
    found = sample(factors=factors, contrast=contrast, seeds=6)
    write.write(found, tmp_path / "r.html", fmt="html", lang="en")
    page, _ = opened(browser, (tmp_path / "r.html").as_uri(), 400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.context.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wide_tables_scroll_in_their_own_box(browser: Browser, tmp_path: Path, lang: str) -> None:
    """In a window of 400 px no table is cut and none widens the page; the name of a row stays where it is."""
    write.write(rich(), tmp_path / "r.html", fmt="html", lang=lang)  # type: ignore[arg-type]
    page, _ = opened(browser, (tmp_path / "r.html").as_uri(), 400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    boxes = page.evaluate("[...document.querySelectorAll('.scroll')].map(b => [b.scrollWidth, b.clientWidth])")
    assert sum(inner > outer for inner, outer in boxes) >= 3
    box = page.locator("#table-simple .scroll")
    box.evaluate("b => b.scrollTo(200, 0)")
    name = box.locator("tbody th").first.bounding_box()
    assert name is not None
    assert 0 <= name["x"] < 30
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
  const shown = [...document.querySelectorAll('svg text')].filter(one => one.getClientRects().length);
  const drawn = shown.filter(one => one.textContent.includes('−0.5'));
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
