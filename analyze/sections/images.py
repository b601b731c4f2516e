"""The test images as a sample: how far the gap is known where they are random too."""

from collections.abc import Sequence

from analyze.findings import Cell, ImagesRow, Message, Why, because
from analyze.inference.crossed import Crossed, crossed
from analyze.measures.image_outcomes import image_differences, recorded
from analyze.sections.mean import cells_of_mean
from analyze.study.load import StudyData
from analyze.study.pairing import Arms

MISSING = ("estimate", "se", "df", "ci95", "image_share", "n_seeds", "n_images")


def rows(study: StudyData, paired: Arms) -> list[tuple[ImagesRow, Why]]:
    """The mean over the headline's cells (None), then every cell; none where no outcome of an image was kept."""
    if not recorded(study):
        return []
    rows = [_row(None, over_images(study, paired))]
    for index, cell in enumerate(paired.cells):
        if cell:
            rows.append(_row(cell, _crossed(study, paired, [index])))
    return rows


def over_images(study: StudyData, paired: Arms) -> Crossed | Message:
    """The mean over the headline's cells with seeds and images crossed, or why it is not known."""
    return _crossed(study, paired, cells_of_mean(paired, study.design.alpha).nonzero()[0].tolist())


def _crossed(study: StudyData, paired: Arms, cells: Sequence[int]) -> Crossed | Message:
    table = image_differences(study, paired, cells)
    return table if isinstance(table, Message) else crossed(table)


def _row(cell: Cell | None, found: Crossed | Message) -> tuple[ImagesRow, Why]:
    if isinstance(found, Message):
        return ImagesRow(cell=cell, **dict.fromkeys(MISSING)), dict.fromkeys(MISSING, found)
    row = ImagesRow(
        cell=cell,
        estimate=found.mean,
        se=found.se,
        df=found.df,
        ci95=found.interval(),
        image_share=found.image_share,
        n_seeds=found.n_seeds,
        n_images=found.n_images,
    )
    unknown = ("se", "df", "ci95", "image_share")
    return row, {} if row.se is not None else dict.fromkeys(unknown, because("variance_not_positive"))
