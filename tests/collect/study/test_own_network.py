"""What identifies a network of one's own, and that nothing is run to find out."""

import sys
from pathlib import Path

import pytest

from collect.errors import StudyError
from collect.network.own_code import function_of
from collect.study.own_network import OwnNetwork, found, settings_from
from collect.study.trial import Settings, Trial
from tests.collect.network.own_networks import MLP, OWN_NORM


def package(folder: Path, version: str) -> None:
    """An installed distribution with the module layered.nets."""
    (folder / "layered").mkdir(exist_ok=True)
    (folder / "layered" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "layered" / "nets.py").write_text(MLP, encoding="utf-8")
    for old in folder.glob("layered-*/*"):
        old.unlink()
    about = folder / f"layered-{version}.dist-info"
    about.mkdir(exist_ok=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: layered\nVersion: {version}\n", encoding="utf-8")
    (about / "top_level.txt").write_text("layered\n", encoding="utf-8")


def test_a_package_counts_by_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its module is read where it lies, without importing any; in a worker it is imported, if it is the same."""
    package(tmp_path, "1.0")
    monkeypatch.syspath_prepend(tmp_path)
    network = found("layered.nets:build", [Path()])
    assert "layered" not in sys.modules
    assert (network.version, list(network.model_fields)) == ("layered==1.0", ["hidden", "dropout", "bias"])
    assert network.sha256 != OwnNetwork("layered.nets:build", MLP, "layered==1.1").sha256
    assert function_of(network)((1, 4, 4), 3, hidden=2, dropout=0.0, bias=True).first.shape == (2, 16)
    with pytest.raises(StudyError, match="is another here than the study was planned with"):
        function_of(OwnNetwork("layered.nets:build", OWN_NORM, "layered==1.0"))
    for name in ("layered", "layered.nets"):
        monkeypatch.delitem(sys.modules, name)


def test_the_source_and_every_setting_are_in_the_id() -> None:
    """The name of the file is not, and the settings of the built-in network are not either."""

    def trial_id(call: str, source: str, **values: object) -> str:
        network = OwnNetwork(call, source)
        return Trial(settings=settings_from(values, network), seed=0, data_hash="d").trial_id

    one = trial_id("a.py:build", MLP)
    assert one == trial_id("b.py:build", MLP) == trial_id("a.py:build", MLP, hidden=16, dataset="elsewhere")
    others = [
        trial_id("a.py:build", MLP, hidden=8),
        trial_id("a.py:build", f"{MLP}\n"),
        trial_id("a.py:build", OWN_NORM),
    ]
    built_in = Trial(settings=Settings(), seed=0, data_hash="d").trial_id
    assert len({one, built_in, *others}) == 5


def test_the_first_line_that_differs_is_named() -> None:
    """A changed line, a line more, another function, other ends of lines."""
    one = OwnNetwork("a.py:build", "x = 1\ny = 2\n")
    assert (
        one.difference(OwnNetwork("b.py:build", "x = 1\ny = 3\n")) == "b.py has changed: line 2 was 'y = 2', is 'y = 3'"
    )
    assert one.difference(OwnNetwork("a.py:build", "x = 1\ny = 2\nz = 3\n")).endswith("line 3 was nothing, is 'z = 3'")
    assert one.difference(OwnNetwork("a.py:other", one.source)) == "the network was built by build, is by other"
    assert one.difference(OwnNetwork("a.py:build", "x = 1\r\ny = 2\n")) == "a.py has changed in the ends of its lines"
