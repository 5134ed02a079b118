"""Fit models in a process of its own, so that one that takes too long or dies takes nothing with it."""

import json
import multiprocessing
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genrates.errors import reason_of
from genrates.own.candidates import candidates_for
from genrates.own.column import Column

#: rows from which, and held-out rows on which, models slower than linear are tried on large tables
SUBSET = 20_000


@dataclass
class Trial:
    """What came of fitting one model.

    Attributes
    ----------
    name : str
    scores : ndarray of shape (n_test,) or None
        Log-densities of the held-out rows, in nats.
    fit_seconds, score_seconds : float
    reason : str
        Why there are no scores.
    n_train : int
    """

    name: str
    scores: np.ndarray | None
    fit_seconds: float = float("nan")
    score_seconds: float = float("nan")
    reason: str = ""
    n_train: int = 0


class Worker:
    """Fits candidates to parts of a training set and scores the held-out rows.

    Parameters
    ----------
    train, test : ndarray of shape (n, d)
    columns : sequence of Column
    """

    def __init__(self, train: np.ndarray, test: np.ndarray, columns: Sequence[Column]):
        self._folder = tempfile.TemporaryDirectory(prefix="genrates-own-")
        np.save(Path(self._folder.name, "train.npy"), train)
        np.save(Path(self._folder.name, "test.npy"), test)
        columns = json.dumps([column.as_dict() for column in columns])
        Path(self._folder.name, "columns.json").write_text(columns, encoding="utf-8")
        self.n_train = len(train)
        self._process = self._pipe = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop()
        self._folder.cleanup()

    def try_model(self, name: str, seconds: float, n_train: int | None = None, seed: int = 0) -> Trial:
        """Fit a candidate to a random part of the training set and score the held-out rows.

        Parameters
        ----------
        name : str
        seconds : float
            Time after which it is given up.
        n_train : int, optional
            Rows to learn from; default: all.
        seed : int, default=0
            Of the random part.

        Returns
        -------
        Trial
        """
        n_train = self.n_train if n_train is None else n_train
        if seconds <= 0:
            return Trial(name, None, reason="skipped: no time was left (--time-limit)")
        if self._process is None:
            self._start()
        try:
            self._pipe.send_bytes(json.dumps([name, n_train, seed]).encode())
            if not self._pipe.poll(seconds):
                self._stop()
                return Trial(name, None, reason=f"skipped: not done within {seconds:.0f} s (--time-limit)")
            answer = json.loads(self._pipe.recv_bytes())
            scores = np.frombuffer(self._pipe.recv_bytes()) if answer["reason"] == "" else None
        except (EOFError, OSError):
            self._stop()
            return Trial(name, None, reason="its process died; was memory short?")
        return Trial(name, scores, answer["fit"], answer["score"], answer["reason"], n_train)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._folder.name), daemon=True)
        self._process.start()
        other.close()
        # What it takes to start is no model's time.
        self._pipe.recv_bytes()

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = self._pipe = None


def try_model(name: str, train: np.ndarray, test: np.ndarray, columns: Sequence[Column]) -> Trial:
    """Fit a candidate and score the held-out rows, in this process.

    Parameters
    ----------
    name : str
    train, test : ndarray of shape (n, d)
    columns : sequence of Column

    Returns
    -------
    Trial
    """
    (candidate,) = (c for c in candidates_for(columns) if c.name == name)
    start = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = candidate.build(columns).fit(train)
            fitted = time.perf_counter()
            scores = model.score_samples(test)
    except Exception as error:  # one model's fault is a row of the ranking
        return Trial(name, None, reason=reason_of(error))
    return Trial(name, scores, fitted - start, time.perf_counter() - fitted, n_train=len(train))


def _serve(pipe, folder: str) -> None:
    """Answer requests until the other end closes."""
    train = np.load(Path(folder, "train.npy"), mmap_mode="r")
    test = np.load(Path(folder, "test.npy"))
    described = json.loads(Path(folder, "columns.json").read_text(encoding="utf-8"))
    columns = [Column(**one) for one in described]
    try:
        pipe.send_bytes(b"ready")
        while True:
            name, n, seed = json.loads(pipe.recv_bytes())
            rows = np.random.default_rng(seed).permutation(len(train))[:n]
            trial = try_model(name, np.asarray(train[np.sort(rows)]), test, columns)
            answer = {"fit": trial.fit_seconds, "score": trial.score_seconds, "reason": trial.reason}
            pipe.send_bytes(json.dumps(answer).encode())
            if trial.scores is not None:
                pipe.send_bytes(np.asarray(trial.scores, dtype=np.float64).tobytes())
    except (EOFError, KeyboardInterrupt, BrokenPipeError):
        return
