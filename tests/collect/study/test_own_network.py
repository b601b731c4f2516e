"""What identifies a network of one's own, and that nothing is run to find out."""

import json
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


def test_a_package_that_is_edited_in_place_counts_by_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another module of it, changed at the same version, makes it another network; of an installed one it does not."""
    package(tmp_path, "1.0")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "layered", raising=False)
    found_at = {}
    for editable in (True, False):
        origin = {"url": tmp_path.as_uri(), "dir_info": {"editable": editable}}
        (tmp_path / "layered-1.0.dist-info" / "direct_url.json").write_text(json.dumps(origin), encoding="utf-8")
        for width in (8, 80):
            (tmp_path / "layered" / "blocks.py").write_text(f"WIDTH = {width}\n", encoding="utf-8")
            found_at[editable, width] = found("layered.nets:build", [Path()]).version
    assert found_at[False, 8] == found_at[False, 80] == "layered==1.0"
    assert found_at[True, 8] != found_at[True, 80]
    assert all(found_at[True, width].startswith("layered==1.0+") for width in (8, 80))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("d: int = 0.5", r"d \(line 1\): its default 0.5 should be a valid integer"),
        ('d: Literal["a", "b"] = "c"', r"its default 'c' should be 'a' or 'b'"),
        ("d: Annotated[int, Field(ge=1)] = 0", r"its default 0 should be greater than or equal to 1"),
        ("d: float = 1e999", r"its default inf should be a finite number"),
        ("d: int = 99999999999999999999", "99999999999999999999 is not understood"),
        ("d: int = cfg.W", r"cfg.W is not understood"),
    ],
)
def test_a_default_has_to_be_legal(setting: str, said: str) -> None:
    """And a value that stands there, not one that this file knows by the name of another's."""
    network = OwnNetwork("own.py:build", f"def build(image_shape, classes, *, {setting}): ...\nW = 4\n")
    with pytest.raises(StudyError, match=said):
        dict(network.model_fields)


def test_a_default_is_a_value_of_its_type() -> None:
    """1 is 1.0 where a number is asked for, whatever is said beside, so that the default and d=1.0 are one trial."""
    for kind in ("float", "Annotated[float, Field(ge=0)]"):
        network = OwnNetwork("own.py:build", f"def build(image_shape, classes, *, d: {kind} = 1): ...\n")
        assert type(network.model_fields["d"].default) is float


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
