"""Builds an environment of the lowest versions that pyproject.toml allows: `python .ci/lowest.py FOLDER`.

torch and torchvision, gigabytes each, are those of the environment that runs this; its packages are found after the
lowest ones. A lowest version without a wheel for this Python is an error.
"""

import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: Taken from the environment that runs this, or used by no test that `make lowest` runs.
APART = {"torch", "torchvision", "duckdb", "pillow", "playwright", "polars", "ray"} | {
    *("hydra-core", "inspect-ai", "lightning", "lm-eval", "mlflow-skinny", "optuna", "tensorboard", "wandb"),
}

project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
bounds = project["dependencies"] + project["optional-dependencies"]["test"]
pins = [bound.replace(">=", "==") for bound in bounds if re.match(r"[\w-]+", bound)[0] not in APART]

folder = Path(sys.argv[1])
venv.create(folder, clear=True, with_pip=True)
install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-compile", "--only-binary", ":all:"]
subprocess.run([*install, *pins], check=True)  # noqa: S603  the words are those of pyproject.toml
[site] = folder.glob("lib/python*/site-packages")
(site / "suite.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
