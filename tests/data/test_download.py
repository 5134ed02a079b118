"""Downloads: whole, checked, once; from a server on this machine that can misbehave."""

import contextlib
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from genrates.data.download import DownloadError, fetch, provenance
from genrates.workflow.config import ConfigTree

CONTENT = bytes(range(256)) * 4096  # 1 MiB
HASH = hashlib.sha256(CONTENT).hexdigest()


class _Server(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/flaky" and len(self.server.asked) == 1:
            self.send_error(503)
            return
        if self.path == "/missing":
            self.send_error(404)
            return
        body = b"something else" if self.path == "/wrong" else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1000] if self.path == "/truncated" else body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("GENRATES_MIRROR", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    found = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    found.asked = []
    found.url = f"http://127.0.0.1:{found.server_port}"
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def get(server, folder, page, **more):
    files = {"cat.npy": {"url": f"{server.url}/{page}", "sha256": HASH}}
    return fetch(files, folder, attempts=2, wait=0, **more)


def test_a_good_file_is_fetched_once(server, tmp_path):
    assert get(server, tmp_path / "new", "good") == {"cat.npy": tmp_path / "new" / "cat.npy"}
    assert (tmp_path / "new" / "cat.npy").read_bytes() == CONTENT
    get(server, tmp_path / "new", "good")
    assert server.asked == ["/good"]
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["cat.npy"]


def test_a_failed_attempt_is_repeated(server, tmp_path):
    get(server, tmp_path, "flaky")
    assert server.asked == ["/flaky", "/flaky"]


@pytest.mark.parametrize(
    ("page", "said"), [("truncated", "1000 bytes"), ("wrong", "another sha256"), ("missing", "404")]
)
def test_a_bad_file_is_refused_and_leaves_nothing(server, tmp_path, page, said):
    with pytest.raises(DownloadError, match=said) as error:
        get(server, tmp_path, page)
    assert "GENRATES_MIRROR" in str(error.value)
    assert len(server.asked) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_down(server, tmp_path):
    files = {"cat.npy": {"url": "http://127.0.0.1:1/cat.npy", "sha256": HASH}}
    with pytest.raises(DownloadError, match=r"cat\.npy(.|\n)*refused"):
        fetch(files, tmp_path, attempts=2, wait=0)


def test_a_broken_file_in_place_is_replaced(server, tmp_path):
    (tmp_path / "cat.npy").write_bytes(CONTENT[:77])
    get(server, tmp_path, "good")
    assert (tmp_path / "cat.npy").read_bytes() == CONTENT


def test_an_interrupted_download_is_not_taken_for_the_file(server, tmp_path, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("genrates.data.download.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        get(server, tmp_path, "good")
    assert list(tmp_path.iterdir()) == []


def test_the_mirror_is_asked_first(server, tmp_path, monkeypatch):
    mirror = tmp_path / "mirror" / "some" / "folder"
    mirror.mkdir(parents=True)
    (mirror / "cat.npy").write_bytes(CONTENT)
    get(server, tmp_path / "a", "missing", mirror=tmp_path / "mirror")
    monkeypatch.setenv("GENRATES_MIRROR", str(tmp_path / "mirror"))
    get(server, tmp_path / "b", "missing")
    assert (tmp_path / "a" / "cat.npy").read_bytes() == (tmp_path / "b" / "cat.npy").read_bytes() == CONTENT
    assert server.asked == []


def test_the_mirror_may_hold_another_file_of_that_name_too(server, tmp_path):
    for folder, content in (("a", b"not this one"), ("b", CONTENT)):
        (tmp_path / "mirror" / folder).mkdir(parents=True)
        (tmp_path / "mirror" / folder / "cat.npy").write_bytes(content)
    path = get(server, tmp_path / "here", "missing", mirror=tmp_path / "mirror")["cat.npy"]
    assert path.read_bytes() == CONTENT


def test_a_mirror_with_the_wrong_file_only(server, tmp_path):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "cat.npy").write_bytes(b"no")
    with pytest.raises(DownloadError) as error:
        get(server, tmp_path / "here", "missing", mirror=tmp_path / "mirror")
    assert hashlib.sha256(b"no").hexdigest() in str(error.value)
    assert HASH in str(error.value)
    get(server, tmp_path / "here", "good", mirror=tmp_path / "mirror")
    assert (tmp_path / "here" / "cat.npy").read_bytes() == CONTENT


def test_a_mirror_that_is_no_folder(server, tmp_path):
    with pytest.raises(DownloadError, match="no folder"):
        get(server, tmp_path, "good", mirror=tmp_path / "nowhere")


def test_any_of_several_hashes_will_do(server, tmp_path):
    files = {"cat.npy": {"url": f"{server.url}/good", "sha256": ["0" * 64, HASH.upper()]}}
    assert fetch(files, tmp_path)["cat.npy"].read_bytes() == CONTENT


@pytest.mark.parametrize("entry", [{}, {"sha256": None}, {"sha256": []}])
def test_what_cannot_be_checked_is_not_downloaded(server, tmp_path, entry):
    with pytest.raises(ValueError, match=r"metadata\.files\.cat\.npy: no sha256"):
        fetch({"cat.npy": {"url": f"{server.url}/good", **entry}}, tmp_path)
    assert server.asked == []


def test_names_cannot_leave_the_folder(tmp_path):
    with pytest.raises(ValueError, match="plain file name"):
        fetch({"../cat.npy": {"url": "http://127.0.0.1:1/", "sha256": HASH}}, tmp_path)


def test_what_was_had_is_known_by_its_hash_and_length(server, tmp_path):
    files = {"cat.npy": {"url": f"{server.url}/good", "sha256": ["0" * 64, HASH]}}
    found = provenance(files, fetch(files, tmp_path))
    assert found == {"cat.npy": {"sha256": HASH, "bytes": len(CONTENT)}}


# -- the first rows of a large table -------------------------------------------------------------------

ROWS, WIDE = 1000, 784


def npy(rows: int, values: np.ndarray | None = None) -> bytes:
    """The bytes of a file of `rows` drawings with the 80-byte header that QuickDraw's files have."""
    description = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({rows}, {WIDE}), }}"
    head = b"\x93NUMPY\x01\x00" + (70).to_bytes(2, "little") + f"{description:<69}\n".encode()
    if values is None:
        values = np.random.default_rng(0).integers(0, 256, (rows, WIDE), dtype=np.uint8)
    return head + values.tobytes()


TABLE = npy(ROWS)
DRAWINGS = np.frombuffer(TABLE, np.uint8, offset=80).reshape(ROWS, WIDE)
LAYOUT = {"rows": ROWS, "row_bytes": WIDE, "header_bytes": 80}


class _Ranges(_Server):
    """Knows ranges at /range; at /whole it does not; elsewhere it misbehaves."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        last = int(self.headers["Range"].removeprefix("bytes=0-"))
        body = {"/other": npy(ROWS, 255 - DRAWINGS), "/longer": npy(ROWS + 1)}.get(self.path, TABLE)
        if self.path == "/renamed":
            body = TABLE[:80].replace(b"1000", b"1001") + TABLE[80:]
        whole = self.path == "/whole"
        part = body if whole else body[: last + 1]
        self.send_response(200 if whole else 206)
        if not whole:
            start = 80 if self.path == "/elsewhere" else 0
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(body)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.server.sent += len(part)  # before the client may go on
        with contextlib.suppress(ConnectionError):
            self.wfile.write(part[:5000] if self.path == "/short" else part)


@pytest.fixture
def ranges(server):
    server.RequestHandlerClass, server.sent = _Ranges, 0
    return server


def first(server, folder, page, rows=30, **more):
    entry = {"url": f"{server.url}/{page}", "sha256": "0" * 64, "first": rows, "table": LAYOUT}
    return fetch({"cat.npy": entry}, folder, attempts=2, wait=0, **more)["cat.npy"]


@pytest.mark.parametrize("page", ["range", "whole"])
def test_the_first_rows_alone(ranges, tmp_path, page, caplog):
    path = first(ranges, tmp_path, page)
    np.testing.assert_array_equal(np.load(path, allow_pickle=False), DRAWINGS[:30])
    assert ranges.asked == [(f"/{page}", f"bytes=0-{80 + 30 * WIDE - 1}")]
    if page == "range":
        assert ranges.sent == 80 + 30 * WIDE, "no byte more than is needed"
    assert ("does not know HTTP ranges" in caplog.text) == (page == "whole"), "never silently"
    noted = json.loads((tmp_path / "cat.npy.prefix.json").read_text())
    assert noted["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert noted["first"] == 30


def test_of_a_part_its_rows_are_known_too(ranges, tmp_path):
    """Those that are there: more than are asked for, where more were fetched before."""
    path = first(ranges, tmp_path, "range", 30)
    first(ranges, tmp_path, "range", 20)
    content = path.read_bytes()
    about = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "rows": 30}
    assert provenance({"cat.npy": {"first": 20, "table": LAYOUT}}, {"cat.npy": path}) == {"cat.npy": about}


def test_fewer_rows_are_there_already_and_more_are_fetched(ranges, tmp_path):
    first(ranges, tmp_path, "range", 30)
    first(ranges, tmp_path, "range", 20)
    assert len(ranges.asked) == 1
    assert len(np.load(first(ranges, tmp_path, "range", 40))) == 40
    assert len(ranges.asked) == 2


def test_a_part_is_not_taken_for_the_whole(ranges, tmp_path):
    path = first(ranges, tmp_path, "range", 30)
    with pytest.raises(DownloadError, match="another hash"):
        fetch({"cat.npy": {"sha256": hashlib.sha256(TABLE).hexdigest()}}, tmp_path, attempts=1)
    assert len(np.load(path)) == 30, "what was fetched stays"


def test_all_cats_are_googles_whole_file():
    whole, some = (
        ConfigTree().compose(f"data/{name}")["data"]["metadata"]["files"]["cat.npy"]["sha256"]
        for name in ("cat_sketches_all", "cat_sketches")
    )
    assert whole == some[0]


def test_a_part_that_has_changed_is_fetched_again(ranges, tmp_path):
    path = first(ranges, tmp_path, "range")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    first(ranges, tmp_path, "range")
    np.testing.assert_array_equal(np.load(path), DRAWINGS[:30])


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("longer", "bytes, 784080 are expected"),
        ("renamed", "another table"),
        ("elsewhere", "another range"),
        ("short", "5000 bytes"),
    ],
)
def test_what_is_not_the_known_file_is_refused(ranges, tmp_path, page, said):
    with pytest.raises(DownloadError, match=said) as error:
        first(ranges, tmp_path, page)
    assert "GENRATES_MIRROR" in str(error.value)
    assert len(ranges.asked) == 2
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_there_are(ranges, tmp_path):
    with pytest.raises(DownloadError, match="1000"):
        first(ranges, tmp_path, "range", ROWS + 1)


def test_a_mirror_must_hold_enough_rows(ranges, tmp_path):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "cat.npy").write_bytes(npy(20, DRAWINGS[:20]))
    known = hashlib.sha256((tmp_path / "mirror" / "cat.npy").read_bytes()).hexdigest()
    entry = {"url": f"{ranges.url}/short", "sha256": known, "table": LAYOUT}
    files = {"cat.npy": entry | {"first": 20}}
    fetch(files, tmp_path / "a", mirror=tmp_path / "mirror", attempts=1)
    assert ranges.asked == []
    with pytest.raises(DownloadError, match="20 rows, 21 are asked for"):
        fetch({"cat.npy": entry | {"first": 21}}, tmp_path / "b", mirror=tmp_path / "mirror", attempts=1)
