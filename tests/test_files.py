"""Files and folders: complete or not there at all, and nothing left of a job that was killed."""

import json
import signal
import subprocess
import sys

import pytest

from genrates.files import atomic_file, atomic_folder, write_json


def names(folder):
    return sorted(p.name for p in folder.iterdir())


# -- folders --------------------------------------------------------------------------------------


def test_a_folder_appears_complete_and_replaces_the_old_one(tmp_path):
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits" / "old").touch()
    with atomic_folder(tmp_path / "fits") as part:
        (part / "new").touch()
        assert names(tmp_path / "fits") == ["old"]
    assert names(tmp_path / "fits") == ["new"]
    assert names(tmp_path) == ["fits"]


def test_a_folder_is_made_below_folders_that_are_missing(tmp_path):
    with atomic_folder(tmp_path / "a" / "b" / "fits") as part:
        (part / "inner").mkdir()
        assert not (tmp_path / "a" / "b" / "fits").exists()
    assert names(tmp_path / "a" / "b") == ["fits"]
    assert names(tmp_path / "a" / "b" / "fits") == ["inner"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_folder_whose_job_fails_leaves_the_old_one(tmp_path, error):
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits" / "old").touch()

    def job():
        with atomic_folder(tmp_path / "fits") as part:
            (part / "new").touch()
            raise error("failed")

    with pytest.raises(error, match="failed"):
        job()
    assert names(tmp_path) == ["fits"]
    assert names(tmp_path / "fits") == ["old"]


# -- files ----------------------------------------------------------------------------------------


def test_a_file_appears_complete_and_replaces_the_old_one(tmp_path):
    (tmp_path / "scores.parquet").write_text("old")
    with atomic_file(tmp_path / "scores.parquet") as part:
        part.write_text("new")
        assert part.suffix == ".parquet", "writers go by the suffix"
        assert (tmp_path / "scores.parquet").read_text() == "old"
    assert (tmp_path / "scores.parquet").read_text() == "new"
    assert names(tmp_path) == ["scores.parquet"]


def test_a_file_is_made_below_folders_that_are_missing(tmp_path):
    with atomic_file(str(tmp_path / "a" / "b" / "config.yaml")) as part:
        part.write_text("x")
    assert (tmp_path / "a" / "b" / "config.yaml").read_text() == "x"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_file_whose_job_fails_leaves_the_old_one(tmp_path, error):
    (tmp_path / "index.json").write_text("old")

    def job():
        with atomic_file(tmp_path / "index.json") as part:
            part.write_text("half")
            raise error("failed")

    with pytest.raises(error, match="failed"):
        job()
    assert names(tmp_path) == ["index.json"]
    assert (tmp_path / "index.json").read_text() == "old"


def test_a_file_that_nobody_writes_is_an_error_and_leaves_the_old_one(tmp_path):
    (tmp_path / "index.json").write_text("old")
    with pytest.raises(FileNotFoundError), atomic_file(tmp_path / "index.json"):
        pass
    assert (tmp_path / "index.json").read_text() == "old"


def test_json_appears_complete(tmp_path):
    write_json(tmp_path / "deep" / "index.json", [1])
    assert (tmp_path / "deep" / "index.json").read_text() == "[\n 1\n]"
    with pytest.raises(TypeError, match="serializable"):
        write_json(tmp_path / "deep" / "index.json", [object()])
    assert json.loads((tmp_path / "deep" / "index.json").read_text()) == [1]
    assert names(tmp_path / "deep") == ["index.json"]


# -- jobs that are killed -------------------------------------------------------------------------


def test_what_a_killed_job_left_is_removed_by_the_next(tmp_path):
    (tmp_path / ".fits.12345.part").mkdir()
    (tmp_path / ".scores.12345.part.parquet").touch()
    (tmp_path / ".scores.12345.part.csv").touch()
    (tmp_path / ".model.12345.part").mkdir()
    with atomic_folder(tmp_path / "fits"), atomic_file(tmp_path / "scores.parquet") as part:
        part.touch()
    assert names(tmp_path) == [".model.12345.part", ".scores.12345.part.csv", "fits", "scores.parquet"]


KILLED = """
import os, signal, sys
from genrates.files import atomic_file, atomic_folder
with atomic_folder(sys.argv[1] + "/fits") as folder, atomic_file(sys.argv[1] + "/scores.txt") as file:
    (folder / "new").touch()
    file.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_job_that_is_killed_leaves_what_was_there(tmp_path):
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits" / "old").touch()
    (tmp_path / "scores.txt").write_text("old")
    job = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert job.returncode == -signal.SIGKILL
    assert names(tmp_path / "fits") == ["old"]
    assert (tmp_path / "scores.txt").read_text() == "old"
    assert len(names(tmp_path)) == 4
    with atomic_folder(tmp_path / "fits"), atomic_file(tmp_path / "scores.txt") as part:
        part.touch()
    assert names(tmp_path) == ["fits", "scores.txt"]
