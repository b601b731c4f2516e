"""Tables that others published give what their authors computed of them. A few rows of each are retyped here as facts.

Runs of the GPT-2 speedrun, each record with its own one-sample test against the loss that has to be beaten, from
https://github.com/KellerJordan/modded-nanogpt, folder records/:
track_1_short/2025-08-23_SparseAttnGate/README.md, 082725_FA3/README.md (the p of the runs that it lists, and seconds
against a former record) and track_1_short/2025-09-18_Smear/README.md. Six seeds of one network, with means and standard
deviations as pandas describes them: https://github.com/MatHatter/DESONN, keras_results.R, 200 epochs.
"""

from dataclasses import dataclass

import pandas as pd
import pytest

import analyze
from analyze.findings import Findings


@dataclass(frozen=True)
class Record:
    """Values of independent runs, the number that they have to be below, and what the authors print of both."""

    values: tuple[float, ...]
    number: float
    p_less: str
    mean: str
    sd: str | None = None

    def findings(self) -> Findings:
        """These runs against the number."""
        runs = pd.DataFrame({"seed": range(len(self.values)), "val": self.values})
        return analyze.analyse(analyze.read(runs, response="val", better="lower", threshold=self.number))


GATE = (3.2774, 3.2782, 3.2796, 3.2815, 3.276, 3.2777, 3.2784, 3.2795, 3.281, 3.2802, 3.2767, 3.2772, 3.28, 3.2786)
FLASH = (3.2769, 3.2782, 3.2790, 3.2791, 3.2791, 3.2780, 3.2782)
SECONDS = (166.247, 166.117, 165.977, 166.135, 166.045, 166.044, 166.157)
SMEAR = (3.2781, 3.2792, 3.2765, 3.2796, 3.2803, 3.2801, 3.2787, 3.2798, 3.2787, 3.2786)

RECORDS = {
    "sparse attention gate": Record(GATE, 3.28, p_less="0.0059", mean="3.2787", sd="0.0016"),
    "flash attention": Record(FLASH, 3.28, p_less="0.0008", mean="3.2784"),
    "flash attention, seconds": Record(SECONDS, 166.25, p_less="0.0024", mean="166.1031"),
    "smear": Record(SMEAR, 3.28, p_less="0.0084", mean="3.2790", sd="0.0011"),
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_has_its_authors_p(record: Record) -> None:
    """Mean, standard deviation and one-sided p are those printed beside the runs; half of the two-sided p is theirs."""
    found = record.findings()
    primary, cell = found.primary, found.cells[0]
    assert primary.p_t is not None
    assert primary.estimate is not None
    assert primary.estimate < 0
    assert f"{primary.p_t / 2:.4f}" == record.p_less
    assert f"{cell.mean:.4f}" == record.mean
    assert record.sd in (None, f"{cell.sd:.4f}")
    assert (primary.decision, primary.winner) == ("second", "run")


def test_accuracies_have_the_means_and_spreads_that_pandas_printed() -> None:
    """Six seeds of one network after 200 epochs: train .9888 (.0019), validation .9962 (.0028), test .9978 (.0020)."""
    runs = pd.DataFrame(
        {
            "seed": range(505, 511),
            "train": (0.991714, 0.988286, 0.990000, 0.986286, 0.989143, 0.987429),
            "validation": (0.997333, 0.998667, 0.997333, 0.992000, 0.998667, 0.993333),
            "test": (0.998667, 1.000000, 0.996000, 0.994667, 0.998667, 0.998667),
        }
    )
    told = {"train": ("0.9888", "0.0019"), "validation": ("0.9962", "0.0028"), "test": ("0.9978", "0.0020")}
    for response, (mean, sd) in told.items():
        study = analyze.read(runs[["seed", response]], response=response, better="higher", threshold=0.9)
        (cell,) = analyze.analyse(study).cells
        assert (f"{cell.mean:.4f}", f"{cell.sd:.4f}") == (mean, sd)
