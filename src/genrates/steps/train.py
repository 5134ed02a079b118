"""Fit one model to one data set, at every size, replicate after replicate.

python -m genrates.steps.train data=marron_wand_06 model=kde model.bandwidth=0.2
"""

import inspect
import json
import logging
import shutil
import time
from pathlib import Path

import hydra
import numpy as np
from omegaconf import DictConfig

from genrates.estimators.persistence import save, save_all
from genrates.files import atomic_folder, write_json
from genrates.lean_start import import_lightning
from genrates.progress import progress_bar
from genrates.steps import CONF, run_and_leave
from genrates.workflow.job import fits_file, job

#: what the data of one fit may raise; the others go on
FAILURES = (ValueError, ArithmeticError, RuntimeError, np.linalg.LinAlgError)


@hydra.main(version_base="1.3", config_path=CONF, config_name="cell")
def main(cfg: DictConfig) -> None:
    with job(cfg, "train") as cell:
        if cfg.model.get("metadata", {}).get("neural"):
            import_lightning()
        samples = cell.samples(cell.data())
        with atomic_folder(cell.folder / "fits") as fits, atomic_folder(cell.folder / "model") as kept:
            index, curves = [], {}
            for n in progress_bar(cell.sizes, f"train {cell.name}"):
                models = cell.models(n)
                folder = cell.checkpoints / f"n={n}" if resumes(models[0]) else None
                models, seconds, reasons = fit_all(models, [sample[:n] for sample in samples], folder)
                rows = enumerate(zip(models, seconds, reasons, strict=True))
                index += [described(n, replicate, *found) for replicate, found in rows]
                save_all({str(r): m for r, m in enumerate(models) if m is not None}, fits_file(fits, n))
                if (curve := getattr(models[0], "loss_curve_", None)) is not None:
                    curves[n] = curve.tolist()
            write_json(fits / "index.json", index)
            write_json(kept / "training.json", curves)
            if models[0] is not None:  # the largest size's first replicate stays when the others go
                save(models[0], kept / "model.safetensors")
        for remnant in cell.folder.glob("checkpoints-*"):  # finished: there is nothing to carry on
            shutil.rmtree(remnant)
        failed = [row for row in index if row["status"] == "failed"]
        logging.info(
            "%d fits, %d failed%s", len(index), len(failed), f": {failed[0]['reason']}" if failed else ""
        )


def resumes(model) -> bool:
    """Whether a killed `fit` can carry on from a folder."""
    return "checkpoints" in inspect.signature(model.fit).parameters


def fit_all(
    models: list, samples: list[np.ndarray], checkpoints: Path | None = None
) -> tuple[list, list[float], list[str]]:
    """Fitted models (None where a fit failed), seconds and reasons; together where the class can."""
    if hasattr(models[0], "fit_replicates"):
        start = time.perf_counter()
        try:
            fitted = type(models[0]).fit_replicates(models, samples)
        except FAILURES:  # of one sample: the others are fitted alone, with its reason
            return fit_alone(models, samples, checkpoints)
        each = (time.perf_counter() - start) / len(models)
        reasons = [getattr(m, "failure_", None) or "" for m in fitted]
        return (
            [None if why else m for m, why in zip(fitted, reasons, strict=True)],
            [each] * len(models),
            reasons,
        )
    return fit_alone(models, samples, checkpoints)


def fit_alone(
    models: list, samples: list[np.ndarray], checkpoints: Path | None = None
) -> tuple[list, list[float], list[str]]:
    """Fit one after the other; an error is a reason. Some can be resumed from below `checkpoints`."""
    fitted, seconds, reasons = [], [], []
    for replicate, (model, sample) in enumerate(zip(models, samples, strict=True)):
        start, reason, before, more = time.perf_counter(), "", 0.0, {}
        if checkpoints:
            more = {"checkpoints": checkpoints / f"{replicate:03d}"}
            before = earlier_seconds(more["checkpoints"])
        try:
            model.fit(sample, **more)
        except FAILURES as error:
            model, reason = None, str(error) or type(error).__name__
        fitted.append(model)
        seconds.append(before + time.perf_counter() - start)
        reasons.append(reason)
    return fitted, seconds, reasons


def earlier_seconds(folder: Path) -> float:
    """Seconds that killed attempts at a fit have left in `folder`, up to what each wrote down last.

    Opens the book of the attempt that begins now.
    """
    book, before = folder / "attempt.json", 0.0
    if book.exists():
        kept = json.loads(book.read_text())
        written = [path.stat().st_mtime for path in folder.iterdir() if path != book]
        before = kept["before"] + max([0.0, *(at - kept["start"] for at in written)])
    folder.mkdir(parents=True, exist_ok=True)
    write_json(book, {"before": before, "start": time.time()})
    return before


def described(n: int, replicate: int, model, seconds: float, reason: str) -> dict:
    """The row of the index that describes a fit."""
    row = {"n": n, "replicate": replicate, "status": "failed" if model is None else "ok", "reason": reason}
    if model is not None:
        row |= {"seconds": seconds, "model_bytes": model.nbytes_, "n_parameters": model.n_parameters_}
    return row


if __name__ == "__main__":
    run_and_leave(main)
