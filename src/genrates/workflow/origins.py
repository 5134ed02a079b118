"""What the files of a plan should be made from, and what those of an experiment are about to be made from."""

from functools import cache
from pathlib import Path

from genrates.workflow import slices
from genrates.workflow.cell import Cell
from genrates.workflow.plan import Plan
from genrates.workflow.provenance import CELL_STEPS, Origin, origin_of_step, planned_origins, renew


class Origins:
    """Tells the Snakefile which files were not made from the configs and the code of today.

    Parameters
    ----------
    plan : Plan
        The plan.

    Attributes
    ----------
    marker : str
        A file for the inputs of every rule: an `ancient()` one where files can be trusted. Elsewhere it is
        newer than they are, since it is written anew.
    """

    def __init__(self, plan: Plan):
        self._plan = plan
        self._is_renewed = False
        self.marker = f"{plan.results}/.planned"
        # The Snakefile asks for each job several times, and a late step for all that comes before it.
        self._of_cell, self._tracked, self._compared = map(
            cache, (self._of_cell, self._tracked, self._compared)
        )
        if not Path(self.marker).exists():
            renew(Path(self.marker))

    def are_stale(self, step: str, wildcards) -> bool:
        """Return whether the files of a job must be made, or made again.

        Parameters
        ----------
        step : str
            Name of its rule.
        wildcards : namedtuple
            The job's.

        Returns
        -------
        bool
            True too where nobody knows what they were made from, and where a job has died.
        """
        stale = not self._planned(step, wildcards).stands
        if stale and not self._is_renewed:
            renew(Path(self.marker))
            self._is_renewed = True
        return stale

    def slice(self, step: str, wildcards) -> str:
        """Return what a job depends on, beside its input files.

        Parameters
        ----------
        step : str
            Name of its rule.
        wildcards : namedtuple
            The job's.

        Returns
        -------
        str
            JSON, as :mod:`genrates.workflow.slices` gives it.
        """
        return self._planned(step, wildcards).slice

    def _planned(self, step: str, w) -> Origin:
        if step in CELL_STEPS:
            return self._of_cell(self._plan.cell(w))[step]
        if step == "report":
            plan = self._plan
            return report_origin(plan, [self._compared(plan, name).hash for name in plan.experiments])
        plan = self._plan.of_budget(w.budget)
        return {"track": self._tracked, "compare": self._compared}[step](plan, w.experiment)

    def _of_cell(self, cell: Cell) -> dict[str, Origin]:
        return planned_origins(Path(self._plan.results, cell.name), cell)

    def _tracked(self, plan: Plan, name: str) -> Origin:
        cells = [self._of_cell(cell)["evaluate"].hash for cell in plan.cells(name)]
        return track_origin(plan, name, self._plan.store_version, cells)

    def _compared(self, plan: Plan, name: str) -> Origin:
        return compare_origin(plan, name, self._tracked(plan, name).hash)


def track_origin(plan: Plan, name: str, store_version: int, cells: list[str]) -> Origin:
    """Return what the runs of an experiment are made from.

    Parameters
    ----------
    plan : Plan
        The plan of its budget.
    name : str
        The experiment.
    store_version : int
        Which MLflow store the runs are written to.
    cells : list of str
        Hashes of its cells' last records.

    Returns
    -------
    Origin
        Of summaries.json, tracked.json and the runs.
    """
    slice_ = slices.track_slice(plan.cells(name), store_version)
    return Origin(_folder(plan, name), "track", slice_, tuple(cells))


def compare_origin(plan: Plan, name: str, tracked: str) -> Origin:
    """Return what the table and the figures of an experiment are made from.

    Parameters
    ----------
    plan : Plan
        The plan of its budget.
    name : str
        The experiment.
    tracked : str
        Hash of its runs' record.

    Returns
    -------
    Origin
        Of comparison.csv and all that is drawn.
    """
    return Origin(_folder(plan, name), "compare", slices.compare_slice(plan.experiment(name)), (tracked,))


def report_origin(plan: Plan, compared: list[str]) -> Origin:
    """Return what the report is made from.

    Parameters
    ----------
    plan : Plan
        The plan.
    compared : list of str
        Hashes of the records of its experiments' tables.

    Returns
    -------
    Origin
        Of report.html.
    """
    return Origin(Path(plan.results), "report", slices.report_slice(plan.experiments), tuple(compared))


def about_to_track(plan: Plan, name: str, store_version: int) -> Origin:
    """Return what the runs of an experiment are about to be made from.

    Parameters
    ----------
    plan : Plan
        The plan of its budget.
    name : str
        The experiment.
    store_version : int
        Which MLflow store the runs are written to.

    Returns
    -------
    Origin
        Above it stands what the cells have left, placeholders included.

    Raises
    ------
    ConfigError
        If files of a cell are missing, or made from another config or code.
    """
    folders = ((Path(plan.results, cell.name), cell) for cell in plan.cells(name))
    cells = [origin_of_step(folder, cell, "evaluate").trusted_hash() for folder, cell in folders]
    return track_origin(plan, name, store_version, cells)


def about_to_compare(plan: Plan, name: str) -> Origin:
    """Return what the table of an experiment is about to be made from.

    Parameters
    ----------
    plan : Plan
        The plan of its budget.
    name : str
        The experiment.

    Returns
    -------
    Origin
        Above it stands the record of the runs.

    Raises
    ------
    ConfigError
        If files of a cell, or the runs, are missing, or made from another config or code.
    """
    return compare_origin(plan, name, about_to_track(plan, name, plan.store_version).trusted_hash())


def about_to_report(plan: Plan) -> Origin:
    """Return what the report is about to be made from.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    Origin
        Above it stand the records of the tables.

    Raises
    ------
    ConfigError
        If a table is missing, or made from another config or code.
    """
    return report_origin(plan, [about_to_compare(plan, name).trusted_hash() for name in plan.experiments])


def _folder(plan: Plan, name: str) -> Path:
    return Path(plan.results, plan.budget, name)
