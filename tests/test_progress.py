"""A bar for a person who is watching; nothing in a log."""

import os
import sys
import time
from contextlib import contextmanager

import pytest

from genrates.progress import progress_bar


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch):
    monkeypatch.delenv("GENRATES_TERMINAL", raising=False)


@contextmanager
def terminal(monkeypatch):
    """Let standard error be a terminal; yield what reads from it."""
    controller, device = os.openpty()
    os.set_blocking(controller, False)
    with open(device, "w") as stderr, monkeypatch.context() as patch:
        # not in a fixture: pytest sets standard error again between a fixture and its test
        patch.setattr(sys, "stderr", stderr)
        yield lambda: _read(controller)
    os.close(controller)


def _read(controller: int) -> str:
    """Read what has been written, until nothing more comes: a terminal passes it on in pieces."""
    found, quiet = b"", 0
    while quiet < 10:
        try:
            found, quiet = found + os.read(controller, 100_000), 0
        except BlockingIOError:
            quiet += 1
            time.sleep(0.02)
    return found.decode()


def test_nothing_is_printed_where_standard_error_is_no_terminal(capfd):
    assert list(progress_bar(range(3), "train", total=3)) == [0, 1, 2]
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_nothing_is_printed_where_standard_error_is_a_file(monkeypatch, tmp_path):
    with open(tmp_path / "log", "w") as log:
        monkeypatch.setattr(sys, "stderr", log)
        assert list(progress_bar("abc", "train")) == ["a", "b", "c"]
    assert (tmp_path / "log").read_text() == ""


def test_items_pass_through_one_at_a_time():
    made = []

    def items():
        for i in range(3):
            made.append(i)
            yield i

    bar = progress_bar(items(), "train")
    assert made == []
    assert next(bar) == 0
    assert made == [0]
    assert list(bar) == [1, 2]


def test_a_person_at_a_terminal_sees_a_bar(monkeypatch):
    items = [object() for _ in range(4)]
    with terminal(monkeypatch) as read:
        assert list(progress_bar(items, "train x")) == items
        shown = read()
    assert "train x" in shown
    assert "0/4" in shown


def test_the_bar_knows_the_total_of_items_that_have_no_length(monkeypatch):
    with terminal(monkeypatch) as read:
        assert list(progress_bar(iter("ab"), "train x", total=2)) == ["a", "b"]
        assert "0/2" in read()


def test_standard_error_can_still_be_written_to_after_the_bar(monkeypatch):
    with terminal(monkeypatch) as read:
        list(progress_bar("ab", "train x"))
        print("after", file=sys.stderr, flush=True)
        assert "after" in read()


def test_a_job_with_a_log_draws_on_the_terminal_that_it_is_given(monkeypatch, capfd):
    controller, device = os.openpty()
    monkeypatch.setenv("GENRATES_TERMINAL", os.ttyname(device))
    assert list(progress_bar("ab", "train x")) == ["a", "b"]
    assert "train x" in os.read(controller, 100_000).decode()
    assert capfd.readouterr().err == ""
    os.close(device)
    os.close(controller)


@pytest.mark.parametrize("name", ["", "/nowhere/tty", "/"])
def test_a_terminal_that_cannot_be_opened_is_no_error(monkeypatch, capfd, name):
    monkeypatch.setenv("GENRATES_TERMINAL", name)
    assert list(progress_bar("ab", "train")) == ["a", "b"]
    assert capfd.readouterr().err == ""


def test_an_error_of_the_items_and_an_early_end_of_the_loop_are_no_trouble(monkeypatch):
    def items():
        yield 1
        raise ValueError("bad item")

    with terminal(monkeypatch):
        with pytest.raises(ValueError, match="bad item"):
            list(progress_bar(items(), "train"))
        bar = progress_bar(range(9), "train")
        assert next(bar) == 0
        bar.close()
