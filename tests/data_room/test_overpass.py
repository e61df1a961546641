"""The Overpass client against a server on this machine that answers, dawdles, refuses and talks garbage."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hubopt.data.roads import osm
from hubopt.data.roads.overpass import Server, ask, download, query, tiles
from hubopt.data.roads.sources import read_layer
from hubopt.data.roads.spec import Layer
from hubopt.instance.errors import InputError

from .test_osm import BOUNDS, answer, listing

Reply = Callable[[BaseHTTPRequestHandler], None]


def say(status: int, body: bytes, **headers: str) -> Reply:
    """A reply with a status, a body and headers."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


GOOD = say(200, json.dumps(answer([10, 11, 13])).encode())
BUSY = say(429, b"too many requests", Retry_After="7")
GARBAGE = say(200, b"<html>the server is being repaired</html>")
NO_ELEMENTS = say(200, b'{"version": 0.6}')
GAVE_UP = say(200, b'{"elements": [], "remark": "runtime error: Query timed out"}')
REFUSED = say(400, b"parse error")


def dawdle(handler: BaseHTTPRequestHandler) -> None:
    """Say nothing for longer than the client waits."""
    time.sleep(0.6)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"elements": [')
    handler.close_connection = True


class Local:
    """A server with a list of replies; the last one is repeated. ``queries``: what it was sent."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [GOOD]
        self.queries: list[str] = []
        local = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                local.queries.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                position = min(len(local.queries), len(local.replies)) - 1
                local.replies[position](self)

            def log_message(self, *_: Any) -> None:
                """Say nothing on the console."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """A client that has gone away is no news."""

        self.httpd = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.httpd.server_address[1]}/api/interpreter"
        self.thread = threading.Thread(target=self.httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def server(self, tries: int = 3) -> Server:
        """How the tests ask it."""
        return Server(self.url, timeout_s=0.3, tries=tries, wait_s=1, longest_s=5)


@pytest.fixture
def local() -> Iterator[Local]:
    """A server on this machine."""
    made = Local()
    yield made
    made.httpd.shutdown()
    made.httpd.server_close()
    made.thread.join()


def test_an_answer_becomes_the_graph_and_is_kept(local: Local, tmp_path: Path) -> None:
    """The graph is that of the same answer recorded; asking again asks nobody; the cache is a recorded folder."""
    layer = Layer(name="a", kind="overpass", bounds=BOUNDS)
    graph = read_layer(layer, tmp_path, tmp_path / "cache", local.server())
    expected = listing(osm.graph_from_elements(osm.elements_of([answer([10, 11, 13])])))
    assert listing(graph) == expected
    assert listing(read_layer(layer, tmp_path, tmp_path / "cache", local.server())) == expected
    assert len(local.queries) == 1
    assert listing(osm.read_recorded(tmp_path / "cache")) == expected


@pytest.mark.parametrize("bad", [BUSY, GARBAGE, NO_ELEMENTS, GAVE_UP, dawdle, hang_up, say(504, b"")])
def test_a_passing_fault_is_outlived(local: Local, tmp_path: Path, bad: Reply) -> None:
    """After one bad reply of any kind the second try succeeds, and only the sound answer is kept."""
    local.replies = [bad, GOOD]
    elements = download(BOUNDS, tmp_path, local.server(), sleep=lambda seconds: None)
    assert len(elements.ways) == 3 and len(local.queries) == 2
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (BUSY, "says 429"),
        (GARBAGE, "no JSON"),
        (NO_ELEMENTS, "no elements"),
        (GAVE_UP, "gave up"),
        (dawdle, "no answer"),
    ],
)
def test_a_lasting_fault_is_an_input_error_and_leaves_nothing(
    local: Local, tmp_path: Path, bad: Reply, words: str
) -> None:
    """When every try fails the error says how often and why, and no file is written."""
    local.replies = [bad]
    with pytest.raises(InputError, match=f"2 tries failed.*{words}"):
        download(BOUNDS, tmp_path, local.server(tries=2), sleep=lambda seconds: None)
    assert len(local.queries) == 2 and not list(tmp_path.iterdir())


def test_a_refused_query_is_not_repeated(local: Local, tmp_path: Path) -> None:
    """A query that the server calls wrong fails at once."""
    local.replies = [REFUSED]
    with pytest.raises(InputError, match="says 400"):
        download(BOUNDS, tmp_path, local.server(), sleep=lambda seconds: None)
    assert len(local.queries) == 1 and not list(tmp_path.iterdir())


def test_pauses_grow_and_the_server_may_ask_for_longer(local: Local) -> None:
    """Pauses double; Retry-After counts instead, up to the longest pause."""
    local.replies = [GARBAGE, GARBAGE, BUSY, GOOD]
    pauses: list[float] = []
    ask("out;", local.server(tries=4), sleep=pauses.append)
    assert pauses == [1, 2, 5]


def test_no_one_there_is_an_input_error(tmp_path: Path) -> None:
    """An address where nobody listens is named."""
    server = Server("http://127.0.0.1:9/api", timeout_s=0.2, tries=1)
    with pytest.raises(InputError, match=r"no answer.*127\.0\.0\.1:9"):
        download(BOUNDS, tmp_path, server)


def test_an_unsound_cached_file_is_asked_for_again(local: Local, tmp_path: Path) -> None:
    """A cache file that was cut short does not count."""
    download(BOUNDS, tmp_path, local.server())
    (kept,) = tmp_path.iterdir()
    kept.write_text('{"elem', encoding="utf-8")
    assert len(download(BOUNDS, tmp_path, local.server()).ways) == 3
    assert len(local.queries) == 2


def test_tiles_cover_the_bounds() -> None:
    """Tiles are no larger than asked, and their areas sum to that of the bounds."""
    made = list(tiles((113.7, 22.4, 114.35, 22.9), 0.25))
    assert len(made) == 3 * 2
    assert sum((east - west) * (north - south) for west, south, east, north in made) == pytest.approx(0.65 * 0.5)


def test_every_tile_is_asked_for_with_its_own_box(local: Local, tmp_path: Path) -> None:
    """Bounds of two tiles make two queries, each for drivable roads and ferries."""
    download((114.0, 22.5, 114.4, 22.6), tmp_path, local.server())
    assert len(set(local.queries)) == 2
    assert "motorway" in query(BOUNDS, 60) and "ferry" in query(BOUNDS, 60) and "footway" not in query(BOUNDS, 60)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((22.48, 113.99, 22.52, 114.03), "swapped"),
        ((114.03, 22.48, 113.99, 22.52), "west, south, east, north"),
        ((0.0, 0.0, 0.0, float("nan")), "no box"),
    ],
)
def test_bounds_that_are_no_box_are_refused(tmp_path: Path, bounds: Any, words: str) -> None:
    """Swapped, reversed and unknown bounds are named before anyone is asked."""
    with pytest.raises(InputError, match=words):
        download(bounds, tmp_path, Server("http://127.0.0.1:9"))
