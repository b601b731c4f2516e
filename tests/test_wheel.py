"""The built wheel is complete: an empty environment with it alone has working commands, templates included."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel and, through a .pth, the suite's own dependencies; gives its bin folder."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=200)
    [wheel] = folder.glob("ordering_effect-*.whl")
    venv.create(folder / "env", with_pip=False)
    site = next((folder / "env" / "lib").glob("python*")) / "site-packages"
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "env"), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True, timeout=200)
    # The suite's packages without its editable install, whose finder hooks a plain .pth does not run.
    (site / "suite.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "env" / "bin"


@pytest.mark.parametrize("command", ["collect", "analyze"])
def test_the_commands_answer(installed: Path, command: str) -> None:
    """Both console scripts start from the wheel alone."""
    shown = subprocess.run([installed / command, "--help"], capture_output=True, text=True, check=True, cwd=installed)
    assert f"Usage: {command}" in shown.stdout


def test_data_files_are_inside(installed: Path) -> None:
    """Presets, templates and type markers are read from the installed package, not from the checkout."""
    check = (
        "import collect, analyze, report_templates\n"
        "from importlib.resources import files\n"
        "from collect.study.study_file import presets, read\n"
        "print(collect.__file__)\n"
        "assert {'quick', 'article', 'confounds', 'bias', 'assignment'} < set(presets())\n"
        "assert read('prepost').network.call == 'vit.py:build'\n"
        "assert any(f.name.endswith('.jinja') for f in files('report_templates').iterdir())\n"
        "assert any(f.name.endswith('.css') for f in files('report_templates').iterdir())\n"
        "assert (files('collect') / 'py.typed').is_file() and (files('analyze') / 'py.typed').is_file()\n"
    )
    shown = subprocess.run(
        [installed / "python", "-c", check], capture_output=True, text=True, check=False, cwd=installed
    )
    assert shown.returncode == 0, shown.stderr
    assert str(installed.parent) in shown.stdout
