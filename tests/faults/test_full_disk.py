"""A disk without room: one line that says so, and never a traceback."""

import errno
import os
import resource
import sqlite3
import subprocess
import sys

import pytest

from genrates.workflow.log import is_full_disk, step_log


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_step_on_a_full_disk_ends_in_one_line(number):
    def writes():
        with step_log("train"):
            raise OSError(number, os.strerror(number), "results/x")

    with pytest.raises(SystemExit) as ended:
        writes()
    said = str(ended.value)
    assert said.startswith("genrates train: the disk is full (")
    assert said.endswith("the same command carries on.")
    assert "\n" not in said


def test_an_error_on_the_way_out_of_it():
    """An archive that cannot be closed, since it could not be written."""

    def writes():
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        finally:
            raise ValueError("closed")

    with pytest.raises(ValueError, match="closed") as raised:
        writes()
    assert is_full_disk(raised.value)


def test_other_errors_keep_their_traceback():
    def fails():
        with step_log("train"):
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        fails()


def test_a_store_without_room():
    """SQLite has an error of its own, and MLflow puts it into another."""
    with sqlite3.connect(":memory:") as store:
        store.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as raised:
            store.execute("CREATE TABLE t AS SELECT zeroblob(1000000)")
    assert is_full_disk(raised.value)
    assert is_full_disk(RuntimeError(f"(sqlite3.OperationalError) {raised.value}"))


WRITE = """
import sys
import numpy as np
from safetensors.numpy import save_file
from genrates.workflow.log import step_log
with step_log("train"):
    if sys.argv[1] == "npz":
        np.savez(sys.argv[2], points=np.zeros(10**5))
    else:
        save_file({"x": np.zeros(10**5)}, sys.argv[2])
"""


@pytest.mark.parametrize("kind", ["npz", "safetensors"])
def test_the_libraries_that_write(kind, tmp_path):
    """A real write that the system stops: a file may not be longer than 10 kB."""

    def shorten():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    command = [sys.executable, "-c", WRITE, kind, str(tmp_path / f"x.{kind}")]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=shorten, timeout=100)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("genrates train: the disk is full (")
    assert len(done.stderr.splitlines()) == 1
