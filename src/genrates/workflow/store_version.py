"""Which MLflow store this is: one more each time a part of it is gone, so that Snakemake fills it again.

Snakemake cannot have the database as a file of a rule, since every experiment writes to it. So a number,
which is kept in results/mlflow.version, stands among the track rule's parameters.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from genrates.workflow.quoting import file_name


def store_version(results: str | Path, experiments: Iterable[str | Path] = ()) -> int:
    """Return the number of the store, or the next one where a part of it is gone.

    Parameters
    ----------
    results : str or Path
        The folder of results.
    experiments : iterable of str or Path
        Folders of the experiments whose runs must have their artifacts.

    Returns
    -------
    int
        1 for the first store. The same number until a store with the next one is written.
    """
    folder = Path(results)
    number = written_version(folder)
    if number is None:
        # The file is gone or damaged, and the number with it. The next one must differ from all before.
        tracked = [path.stat().st_mtime for path in folder.glob("*/*/tracked.json")]
        return int(max(tracked, default=0)) + 1
    parts = [folder / "mlflow.db", folder / "mlartifacts"]
    for experiment in map(Path, experiments):
        runs = written_runs(experiment).values()
        parts += [run_artifacts(folder, experiment.name, run_id) for run_id in runs]
    return number if all(path.exists() for path in parts) else number + 1


def written_version(results: Path) -> int | None:
    """Return the number in results/mlflow.version.

    Parameters
    ----------
    results : Path
        The folder of results.

    Returns
    -------
    int or None
        None where there is no such file, or no number in it.
    """
    try:
        return int((results / "mlflow.version").read_text())
    except (OSError, ValueError):
        return None


def artifact_folder(experiment: str) -> str:
    """Return the name of an experiment's folder below results/mlartifacts.

    Parameters
    ----------
    experiment : str
        Name of the experiment.

    Returns
    -------
    str
        A name that is the same in an address, since MLflow takes "?" and "#" for its ends.
    """
    return file_name(experiment)


def run_artifacts(results: str | Path, experiment: str, run_id: str) -> Path:
    """Return the folder of a run's artifacts.

    Parameters
    ----------
    results : str or Path
        The folder of results.
    experiment : str
        Name of the experiment.
    run_id : str
        MLflow's id of the run.

    Returns
    -------
    Path
        Where MLflow looks for them.
    """
    return Path(results, "mlartifacts", artifact_folder(experiment), run_id, "artifacts")


def written_runs(experiment: Path) -> dict[str, str]:
    """Return the runs that an experiment's tracked.json names.

    Parameters
    ----------
    experiment : Path
        The experiment's folder.

    Returns
    -------
    dict of str
        MLflow's id of each cell's run; empty where there is no such file, or a damaged one.
    """
    try:
        content = json.loads((experiment / "tracked.json").read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
