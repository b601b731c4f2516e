"""What a network of one's own does before it trains is found out: how it draws, and whether it can go on."""

from pathlib import Path

import pytest
import torch

from collect.engine import checkpoint as checkpoints
from collect.engine.checkpoint import Checkpoint, StoppedError
from collect.engine.training import set_up, train
from collect.images.on_device import ResidentImages
from collect.store.outcome import Outcome
from collect.store.place.folder import FolderStore
from collect.study.own_network import OwnNetwork, settings_from
from collect.study.trial import Trial

SOURCE = """
import collections, math, random
import numpy as np
import torch
from torch import nn

{above}

class Net(nn.Module):
    def __init__(self, features, classes, kind):
        super().__init__()
        self.kind = kind
        self.first, self.last = nn.Linear(features, 8), nn.Linear(8, classes)
        {built}

    def forward(self, x):
        hidden = torch.tanh(self.first(x.flatten(1)))
        {called}
        return self.last(hidden)

    {more}

def build(image_shape, classes, *, kind: str = "a"):
    return Net(math.prod(image_shape), classes, kind)
"""


def trial(seed: int = 0, kind: str = "a", **pieces: str) -> Trial:
    """Of a small network in which these pieces of code stand."""
    source = SOURCE.format(**{"above": "", "built": "", "called": "", "more": "", **pieces})
    recipe = {"dataset": "blobs", "epochs": 1, "batch_size": 32, "evaluations": 3, "learning_rate": 0.01}
    settings = settings_from({**recipe, "kind": kind}, OwnNetwork("own.py:build", source))
    return Trial(settings=settings, seed=seed, data_hash="blobs")


def told(outcomes: list[Outcome]) -> tuple[object, ...]:
    """What a trial gave."""
    row = outcomes[0].row
    return row.init_hash, row.test_loss, [(point.step, point.loss) for point in outcomes[0].curve]


NUMPY = "self.first.weight.data = torch.from_numpy(np.random.randn(8, features).astype('f4'))"
OTHERWISE = "nn.init.constant_(self.first.weight, np.random.default_rng().random())"
PYTHON = "nn.init.constant_(self.first.weight, random.random())"


@pytest.mark.parametrize("built", [NUMPY, PYTHON])
def test_what_is_drawn_by_python_or_numpy_is_the_seed_s(resident: ResidentImages, built: str) -> None:
    """The same trial starts the same, another seed otherwise, and their global generators notice nothing."""
    import random

    import numpy as np

    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    first, again, other = (told(train([trial(seed, built=built)], resident)) for seed in (0, 0, 1))
    assert first == again
    assert first[0] != other[0]
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (
            {"built": OTHERWISE},
            "other weights each time",
        ),
        ({"called": "hidden = hidden * (random.random() < 0.5)"}, "draws by Python's or NumPy's global generator"),
        ({"called": "hidden = hidden * float(np.random.rand())"}, "draws by Python's or NumPy's global generator"),
        ({"called": "self.first.requires_grad_(self.training)"}, "changes, while it trains, which parameters"),
        ({"called": "__import__('sys').exit('enough')"}, r"it called sys.exit\('enough'\)"),
        (
            {"built": "self.norm = nn.BatchNorm1d(8, momentum=0.01)"},
            "0.01, and the recipe says bn_momentum=0.1",
        ),
        (
            {"built": "self.norm = nn.BatchNorm1d(8, eps=1e-3)"},
            "take it out of the code and choose bn_eps",
        ),
        ({"above": "__import__('sys').exit(3)"}, r"it called sys.exit\(3\)"),
    ],
)
def test_what_would_make_its_result_another_is_refused(
    resident: ResidentImages, pieces: dict[str, str], said: str
) -> None:
    """In a sentence that says what it does."""
    with pytest.raises((ValueError, RuntimeError), match=said):
        train([trial(**pieces)], resident)


def test_its_file_is_run_anew_for_each_trial(resident: ResidentImages) -> None:
    """What is drawn at its top is every trial's, and no trial trains on what another one left there."""
    above = "torch.manual_seed(7)\nSCALE = torch.randn(8)\nBACKBONE = nn.Linear(8, 8)"
    pieces = {"above": above, "built": "self.backbone = BACKBONE", "called": "hidden = self.backbone(hidden * SCALE)"}
    alone = [told(train([trial(seed, kind, **pieces)], resident)) for seed, kind in ((0, "a"), (0, "b"), (1, "a"))]
    assert alone[0] == told(train([trial(0, "a", **pieces)], resident))
    assert alone[0][0] == alone[1][0] != alone[2][0]


def test_values_put_in_a_parameter_s_place_are_trained(resident: ResidentImages) -> None:
    """A limit on a weight's norm that binds nothing (w.data = …) changes nothing."""
    limited = "self.first.weight.data = torch.renorm(self.first.weight.data, 2, 0, 1e6)"
    plain, with_limit = (told(train([trial(called=called)], resident)) for called in ("", limited))
    assert plain == with_limit


def test_numbers_of_two_parts_are_trained(resident: ResidentImages) -> None:
    """A complex parameter, as in a network of Fourier modes; its gradient has a norm."""
    built = "self.modes = nn.Parameter(torch.ones(8, 8, dtype=torch.complex64))"
    called = "hidden = (hidden.to(torch.complex64) @ self.modes).abs()"
    [outcome] = train([trial(built=built, called=called)], resident)
    assert outcome.row.status == "completed"
    rows = [row for row in outcome.layer if row.module == "modes"]
    assert rows
    assert all(row.grad_norm is not None and row.grad_norm > 0 for row in rows)


def test_a_network_may_train_norms_alone(resident: ResidentImages) -> None:
    """It has no layer that a probe could see, and a result all the same."""
    built = "self.norm = nn.BatchNorm1d(8)"
    more = "def requires_grad_but_norms(self):\n        [p.requires_grad_(p.ndim == 1) for p in self.parameters()]"
    pieces = {"built": f"{built}; self.requires_grad_but_norms()", "called": "hidden = self.norm(hidden)", "more": more}
    [outcome] = train([trial(**pieces)], resident)
    assert (outcome.row.status, outcome.layer) == ("completed", [])


COUNTS = {"built": "self.calls = 0", "called": "self.calls += self.training; hidden = hidden * (1 + self.calls % 2)"}
QUEUE = {
    "built": "self.means = collections.deque(maxlen=3)",
    "called": "self.means.append(hidden.detach().mean()); hidden = hidden - sum(self.means)",
}
HIDDEN = {
    "built": "self.register_buffer('mean', torch.zeros(8), persistent=False)",
    "called": "self.mean = hidden.detach().mean(0) * 0.1 + self.mean * 0.9; hidden = hidden - self.mean",
}
GENERATOR = {
    "built": "self.generator = torch.Generator().manual_seed(3)",
    "called": "hidden = hidden + torch.randn(8, generator=self.generator)",
}
KEPT = {
    **COUNTS,
    "more": "def get_extra_state(self): return {'calls': self.calls}\n"
    "    def set_extra_state(self, state): self.calls = state['calls']",
}
LOOKED_AT = {"called": "self.seen = hidden.detach(); self.shape = None"}


@pytest.mark.parametrize(
    ("pieces", "resumable"),
    [(COUNTS, False), (QUEUE, False), (HIDDEN, False), (GENERATOR, False), (KEPT, True), (LOOKED_AT, True), ({}, True)],
    ids=["counts", "queue", "hidden", "generator", "kept", "looked at", "plain"],
)
def test_a_trial_that_was_stopped_has_the_bits_of_one_that_was_not(
    resident: ResidentImages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pieces: dict[str, str],
    resumable: bool,  # noqa: FBT001
) -> None:
    """It goes on from its state where that is all that it needs, and begins again where it is not."""
    one = trial(**pieces)
    stepper, _, _ = set_up([one], resident)
    assert stepper.network.resumable is resumable
    monkeypatch.setattr(checkpoints, "EVERY_SECONDS", 1e9)
    store = FolderStore(tmp_path)
    store.prepare()
    calls = iter([False, False, True])
    with pytest.raises(StoppedError):
        train([one], resident, checkpoint=Checkpoint(store, [one.trial_id], {}, lambda: next(calls)))
    kept = Checkpoint(store, [one.trial_id], {})
    assert kept.restore(stepper, set_up([one], resident)[1])[0] == (3 if resumable else 0)
    torch.manual_seed(12)  # another process draws otherwise
    assert told(train([one], resident, checkpoint=kept)) == told(train([one], resident))


def test_the_current_folder_is_no_part_of_it(
    resident: ResidentImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file beside it that it imports would be another elsewhere, and no study would notice a change of it."""
    (tmp_path / "beside_it.py").write_text("WIDTH = 3\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="beside_it"):
        train([trial(above="import beside_it")], resident)
