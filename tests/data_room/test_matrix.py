"""Travel matrices: the same answers however they are made, kept, resumed and limited."""

from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.data.roads import RoadGraph, graph_of, largest_component
from hubopt.data.travel import Speeds, Vehicle, matrix
from hubopt.data.travel.attach import attach
from hubopt.data.travel.cache import CACHE_VARIABLE, default_cache
from hubopt.data.travel.contract import cheapest, compact, contract
from hubopt.data.travel.legs import Legs, read_legs, write_legs
from hubopt.data.travel.matrix import key_of, make_task, run_task
from hubopt.data.travel.progress import bar
from hubopt.data.travel.trees import incoming, routes
from hubopt.instance.errors import InputError

STEP = 400.0


def town(seed: int, size: int = 7) -> RoadGraph:
    """A grid of streets, some of them one-way, some missing, of random lengths and classes; its linked part."""
    rng = np.random.default_rng(seed)
    xy = np.array([(x, y) for x in range(size) for y in range(size)], dtype=float) * STEP
    near = [(a, b) for a in range(size * size) for b in (a + 1, a + size)
            if b < size * size and (b != a + 1 or b % size)]  # fmt: skip
    rows = []
    for a, b in near:
        kind = rng.choice(["primary", "tertiary"])
        km = STEP / 1000 * rng.uniform(1, 1.5)
        sense = rng.choice(["both", "there", "back", "none"], p=[0.6, 0.15, 0.15, 0.1])
        rows += [(a, b, km, kind)] * (sense in {"both", "there"}) + [(b, a, km, kind)] * (sense in {"both", "back"})
    return largest_component(graph_of(xy, pd.DataFrame(rows, columns=["u", "v", "km", "road_class"])))


def some_places(graph: RoadGraph, count: int, seed: int = 0) -> np.ndarray:
    """Degrees of random nodes of the graph, a little beside them."""
    rng = np.random.default_rng(seed)
    return graph.nodes[["lon", "lat"]].to_numpy()[rng.integers(len(graph), size=count)] + rng.normal(
        0, 2e-4, (count, 2)
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_routes_on_the_contracted_graph_are_those_of_networkx(seed: int) -> None:
    """Contraction changes no cost; km and minutes are those along the cheapest route that networkx finds."""
    speeds = Speeds({"primary": 60.0, "tertiary": 30.0}, 6, 20, 1.3, 1)
    graph = town(seed)
    tied = attach(graph, some_places(graph, 6, seed), speeds)
    ends = np.concatenate([tied.origin, tied.destination])
    weights = cheapest(tied.weights)
    slim, number = compact(contract(weights, ends), ends)
    assert len(slim.u) <= len(weights.u)
    cost, sums = routes(incoming(slim), number[:6], number[6:])
    other = nx.DiGraph()
    for u, v, c, values in zip(weights.u, weights.v, weights.cost, weights.values, strict=True):
        other.add_edge(int(u), int(v), cost=c, km=values[0], minutes=values[1])
    for row, origin in enumerate(tied.origin):
        length, path = nx.single_source_dijkstra(other, int(origin), weight="cost")
        for column, destination in enumerate(tied.destination):
            if int(destination) not in length:
                assert np.isinf(cost[row, column])
                continue
            assert cost[row, column] == pytest.approx(length[int(destination)])
            chain = path[int(destination)]
            km = sum(other.edges[a, b]["km"] for a, b in pairwise(chain))
            assert sums[row, column, 0] == pytest.approx(km, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_mean_of_both_directions_is_symmetric_and_ways_obey_the_triangle(seed: int) -> None:
    """There and back averaged is the same from either end; driving by a third node never beats the best way."""
    speeds = Speeds({"primary": 60.0, "tertiary": 30.0}, 0, 30, 1.0, 0)
    graph = town(seed)
    places = some_places(graph, 8, seed)
    km, minutes = matrix(graph, speeds, places, places, keep=False).dense()
    assert np.allclose(km, km.T) and np.allclose(minutes, minutes.T)
    _, there = matrix(graph, speeds, places, places, mean=False, keep=False).dense()
    by_third = (there[:, :, None] + there[None, :, :]).min(axis=1)
    assert (there <= by_third + 1e-6).all()


@pytest.fixture(scope="module")
def graph() -> RoadGraph:
    """A town of 400 nodes."""
    return town(1, 20)


def same(one: Legs, two: Legs) -> bool:
    """Whether two sets of legs are equal to the last bit."""
    return one.shape == two.shape and all(
        np.array_equal(getattr(one, name), getattr(two, name))
        for name in ("origin", "destination", "km", "minutes", "toll_cny", "wait_minutes", "wait_cny_t", "estimated")
    )


@pytest.mark.parametrize("limit", [0.6, 2.0, 5.0])
def test_a_limit_in_km_keeps_exactly_the_near_pairs(graph: RoadGraph, speeds: Speeds, limit: float) -> None:
    """Limited, the pairs within the limit come out as without it, and no others."""
    a, b = some_places(graph, 30, 1), some_places(graph, 40, 2)
    every = matrix(graph, speeds, a, b, keep=False)
    near = matrix(graph, speeds, a, b, limit_km=limit, keep=False)
    wanted = every.km <= limit
    assert np.array_equal(near.origin, every.origin[wanted])
    assert np.array_equal(near.destination, every.destination[wanted])
    assert np.allclose(near.km, every.km[wanted]) and 0 < len(near) < len(every)


def test_a_limit_in_minutes_keeps_exactly_the_near_pairs(graph: RoadGraph, speeds: Speeds) -> None:
    """The same for minutes, also when drivers weigh km as well."""
    weighing = replace(speeds, km_cost_minutes=2.0)
    a, b = some_places(graph, 30, 1), some_places(graph, 40, 2)
    every = matrix(graph, weighing, a, b, keep=False)
    near = matrix(graph, weighing, a, b, limit_minutes=5, keep=False)
    wanted = every.whole_minutes <= 5
    assert np.array_equal(near.destination, every.destination[wanted])
    assert np.allclose(near.km, every.km[wanted]) and 0 < len(near) < len(every)


def test_processes_give_what_one_process_gives(
    graph: RoadGraph, speeds: Speeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two spawned processes and the calling one give equal legs, and the progress ends with all rows."""
    places = some_places(graph, 24)
    alone = matrix(graph, speeds, places, places, keep=False)
    monkeypatch.setattr(import_module("hubopt.data.travel.matrix"), "START_SECONDS", 0.0)
    told: list[tuple[int, int]] = []
    task = make_task(graph, speeds, places, places)
    shared = run_task(task, workers=2, progress=lambda done, rows: told.append((done, rows)))
    assert same(alone, shared)
    assert told[0] == (0, 24) and told[-1] == (24, 24)


def test_a_killed_run_is_resumed(graph: RoadGraph, speeds: Speeds, tmp_path: Path) -> None:
    """What was done before the kill is not done again, the result is that of an undisturbed run; no part is left."""
    places = some_places(graph, 20)
    task = make_task(graph, speeds, places, places)

    def kill(done: int, rows: int) -> None:
        if done >= rows / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_task(task, cache=tmp_path, progress=kill)
    folder = tmp_path / "travel" / key_of(task)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert before
    told: list[int] = []
    resumed = run_task(task, cache=tmp_path, progress=lambda done, rows: told.append(done))
    assert told[0] >= 10 and same(resumed, run_task(task))
    assert [path.name for path in (tmp_path / "travel").iterdir()] == [f"{key_of(task)}.npz"]


def test_a_result_is_taken_from_the_cache(graph: RoadGraph, speeds: Speeds, tmp_path: Path) -> None:
    """The second time nothing is computed; other speeds, places or limits are other tasks."""
    places = some_places(graph, 5)
    first = matrix(graph, speeds, places, places, cache=tmp_path)
    told: list[int] = []
    again = matrix(graph, speeds, places, places, cache=tmp_path, progress=lambda done, rows: told.append(done))
    assert same(first, again) and not told
    keys = {
        key_of(make_task(graph, speeds, places, places)),
        key_of(make_task(graph, replace(speeds, factor=1.1), places, places)),
        key_of(make_task(graph, speeds, places, places[:-1])),
        key_of(make_task(graph, speeds, places, places, limit_km=3)),
        key_of(make_task(graph, speeds, places, places, mean=False)),
    }
    assert len(keys) == 5


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04cut"])
def test_an_unsound_cache_file_is_made_anew(graph: RoadGraph, speeds: Speeds, tmp_path: Path, content: bytes) -> None:
    """A file that was cut short or overwritten is no result."""
    places = some_places(graph, 4)
    first = matrix(graph, speeds, places, places, cache=tmp_path)
    (kept,) = (tmp_path / "travel").glob("*.npz")
    kept.write_bytes(content)
    assert read_legs(kept) is None
    assert same(first, matrix(graph, speeds, places, places, cache=tmp_path))


def test_legs_are_written_whole_or_not_at_all(
    graph: RoadGraph, speeds: Speeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the last step of writing fails nothing is left."""
    legs = matrix(graph, speeds, some_places(graph, 3), some_places(graph, 3), keep=False)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_legs(legs, tmp_path / "a.npz")
    assert not list(tmp_path.iterdir())


def test_the_cache_folder_is_the_environments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """HUBOPT_CACHE, else hubopt in the user's cache folder."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "hubopt"


def test_no_places_no_legs(graph: RoadGraph, speeds: Speeds) -> None:
    """An empty side gives an empty table of the right shape."""
    legs = matrix(graph, speeds, np.zeros((0, 2)), some_places(graph, 3), keep=False)
    assert legs.shape == (0, 3) and len(legs) == 0


@pytest.mark.parametrize(
    ("place", "words"), [((22.5, 114.0), "swapped"), ((814_000.0, 2.5e6), "degrees"), ((np.nan, 22.5), "degrees")]
)
def test_places_that_are_nowhere_are_refused(
    graph: RoadGraph, speeds: Speeds, place: tuple[float, float], words: str
) -> None:
    """Swapped degrees, metres and unknown positions are named with their row."""
    good = some_places(graph, 2)
    with pytest.raises(InputError, match=f"origins, row 4.*{words}"):
        matrix(graph, speeds, np.vstack([good, [place]]), good, keep=False)


def test_a_vehicle_takes_the_way_that_is_open_to_it(graph: RoadGraph, speeds: Speeds) -> None:
    """A heavy truck goes round streets for 5 t: never shorter in cost, and somewhere longer."""
    edges = graph.edges.assign(max_t=np.where(graph.edges["road_class"] == "tertiary", 5.0, np.inf))
    banned = RoadGraph(graph.nodes, edges)
    places = some_places(graph, 12)
    _, van = matrix(banned, speeds, places, places, vehicle=Vehicle("van", weight_t=3.5), keep=False).dense()
    _, anyone = matrix(graph, speeds, places, places, keep=False).dense()
    _, truck = matrix(banned, speeds, places, places, vehicle=Vehicle("truck", weight_t=18), keep=False).dense()
    assert np.array_equal(van, anyone)
    assert not np.array_equal(truck, anyone)


def test_a_bar_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """In a log nothing is drawn."""
    with bar("travel") as tell:
        tell(1, 2)
        tell(2, 2)
    assert capsys.readouterr() == ("", "")
