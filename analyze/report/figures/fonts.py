"""Fonts for figures: DejaVu Sans, which matplotlib brings, then whatever installed font has Chinese characters."""

from functools import cache
from pathlib import Path

from matplotlib import font_manager

from analyze.report.words.catalogue import Language

#: Beginnings of the file names of fonts that hold Chinese characters, the best first.
CJK_FILES = (
    "NotoSansCJK-Regular",
    "NotoSansCJKsc-Regular",
    "SourceHanSans",
    "PingFang",
    "msyh",
    "wqy",
    "DroidSansFallback",
)


@cache
def cjk_font() -> Path | None:
    """An installed font with Chinese characters."""
    installed = sorted(Path(path) for path in font_manager.findSystemFonts())
    for beginning in CJK_FILES:
        for path in installed:
            if path.name.startswith(beginning):
                return path
    return None


@cache
def font_families(lang: Language) -> list[str]:
    """Families in the order in which a character is looked for; the language's own typeface first."""
    families = ["DejaVu Sans"]
    path = cjk_font()
    if path is not None:
        for face in (path, path.with_name(path.name.replace("-Regular", "-Bold"))):
            if face.exists():
                font_manager.fontManager.addfont(face)
        families.insert(0 if lang == "zh" else 1, font_manager.FontProperties(fname=path).get_name())
    return families
