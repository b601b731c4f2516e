"""MLflow: a folder mlruns, a SQLite file of its store, or the address of a tracking server."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analyze.study.imports.run import Point, Run, missing
from analyze.study.imports.sqlite import tables_of
from analyze.study.imports.tables import is_curve

if TYPE_CHECKING:
    import mlflow
    from mlflow.entities import Run as Told

NAME = "MLflow"

#: Runs that are asked for at once.
PAGE = 1000


def recognises(source: str) -> bool:
    """Whether MLflow keeps runs there."""
    path = Path(source)
    if source.startswith(("http://", "https://")):
        return True
    if path.is_dir():
        return any(path.glob("*/meta.yaml")) or (path / "mlruns").is_dir()
    return path.is_file() and {"experiments", "runs", "latest_metrics"} <= tables_of(path)


def read(source: str) -> Iterator[Run]:
    """Every run of every experiment that is not deleted; parameters are its settings, with the experiment's name.

    Raises:
        MissingLibraryError: mlflow-skinny is not installed.
    """
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # MLflow asks for it before it reads its own folders
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # seconds, not minutes, where no server answers
    try:
        import mlflow  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise missing(NAME, "mlflow") from None
    path = Path(source)
    if path.is_dir():
        folder = path / "mlruns" if (path / "mlruns").is_dir() else path
        address = folder.resolve().as_uri()
    else:
        address = f"sqlite:///{path.resolve()}" if path.is_file() else source
    client = mlflow.MlflowClient(tracking_uri=address)
    for experiment in client.search_experiments():
        token = None
        while True:
            page = client.search_runs([experiment.experiment_id], max_results=PAGE, page_token=token)
            for told in page:
                yield _run(told, experiment.name, client)
            token = page.token
            if not token:
                break


def _run(told: "Told", experiment: str, client: "mlflow.MlflowClient") -> Run:
    info, data = told.info, told.data
    curves = [name for name in data.metrics if is_curve(name)]
    return Run(
        id=info.run_id,
        settings={"experiment": experiment, **data.params},
        metrics=data.metrics,
        status=info.status,
        points=[
            Point(name, one.step, one.value) for name in curves for one in client.get_metric_history(info.run_id, name)
        ],
        bookkeeping={"run_name": info.run_name},
    )
