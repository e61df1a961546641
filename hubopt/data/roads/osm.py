"""OpenStreetMap roads: recorded Overpass answers, .osm and .osm.pbf extracts and GraphML, all to the same graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubopt.data.ground.coordinates import to_metric
from hubopt.data.roads.answers import answer_of
from hubopt.data.roads.graph import FERRY, RoadGraph, graph_of
from hubopt.data.roads.packages import needed
from hubopt.data.roads.tags import FERRY_KM_H, USED, Way, way_of
from hubopt.data.xml import refuse_doctype
from hubopt.instance.errors import InputError, Problem
from hubopt.instance.intake import unfit, unfit_unpacked

if TYPE_CHECKING:
    import networkx as nx

TOLL_CNY_KM = 0.45
"""Toll of a way tagged so, in CNY per km: the basic rate of class 1 in Guangdong (0.45 to 0.60, trucks more)."""

LARGEST_ID = 2**40
"""Largest id of a node that is read (OpenStreetMap has some 2^34): the set of wanted ids takes a bit for each."""

BOARDING_MINUTES = 30.0
"""Mean wait for a vehicle ferry, in minutes (assumption: one sailing an hour)."""


@dataclass
class Elements:
    """Nodes (id to lon, lat) and ways (id to node ids and tags) of OpenStreetMap data."""

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    ways: dict[int, tuple[Sequence[int], Mapping[str, str]]] = field(default_factory=dict)


@dataclass
class _Rows:
    """Edges being gathered."""

    u: list[int] = field(default_factory=list)
    v: list[int] = field(default_factory=list)
    way: list[int] = field(default_factory=list)
    boards: list[bool] = field(default_factory=list)

    def add(self, chain: Sequence[int], number: int, wharves: set[int] | None) -> None:
        for a, b in pairwise(chain):
            self.u.append(a)
            self.v.append(b)
            self.way.append(number)
            self.boards.append(wharves is not None and a in wharves)


def _wharves(ways: Sequence[tuple[Sequence[int], Way]]) -> set[int]:
    """Nodes at which one boards a ferry: ends of ferry ways that no other ferry way goes on from."""
    ends = [node for nodes, way in ways if way.road_class == FERRY for node in (nodes[0], nodes[-1])]
    return {node for node in ends if ends.count(node) == 1}


def graph_from_elements(elements: Elements, *, toll_cny_km: float = TOLL_CNY_KM,
                        boarding_minutes: float = BOARDING_MINUTES) -> RoadGraph:  # fmt: skip
    """The road graph of OpenStreetMap nodes and ways; nodes keep the order of their ids.

    Members of a way whose node is missing (at the rim of an extract) are skipped. Every direction that the tags allow
    becomes an edge; tolls, bans and boarding a ferry go into the columns of
    :data:`~hubopt.data.roads.graph.EXTRAS`.
    """
    drivable: list[tuple[Sequence[int], Way]] = []
    for _, (members, tags) in sorted(elements.ways.items()):
        way = way_of(tags)
        chain: Sequence[int] = [node for node in members if node in elements.nodes]
        if way is not None and len(chain) > 1:
            drivable.append((chain, way))
    wharves = _wharves(drivable)
    rows = _Rows()
    for number, (chain, way) in enumerate(drivable):
        boarding = wharves if way.road_class == FERRY else None
        if way.forward:
            rows.add(chain, number, boarding)
        if way.backward:
            rows.add(chain[::-1], number, boarding)
    used = np.unique(np.array([*rows.u, *rows.v], dtype=np.int64))
    lonlat = np.array([elements.nodes[int(node)] for node in used], dtype=float).reshape(-1, 2)
    xy = to_metric(lonlat)
    u, v = np.searchsorted(used, rows.u), np.searchsorted(used, rows.v)
    edges = pd.DataFrame({"u": u, "v": v, "way": np.array(rows.way, dtype=np.int64), "boards": rows.boards})
    edges["km"] = np.hypot(*(xy[u] - xy[v]).T) / 1000 if len(edges) else 0.0
    return graph_of(xy, _described(edges, [way for _, way in drivable], toll_cny_km, boarding_minutes))


def _described(edges: pd.DataFrame, ways: Sequence[Way], toll_cny_km: float, boarding_minutes: float) -> pd.DataFrame:
    """The edges with the columns that their ways give them."""
    described = pd.DataFrame(
        {
            "road_class": [way.road_class for way in ways],
            "toll": [way.toll for way in ways],
            "max_t": [way.max_t for way in ways],
            "max_m": [way.max_m for way in ways],
            "no_hgv": [way.no_hgv for way in ways],
            "hours": [np.nan if way.hours is None else way.hours for way in ways],
        }
    ).astype({"max_t": float, "max_m": float, "toll": bool, "no_hgv": bool, "hours": float})
    own = described.loc[edges["way"]].reset_index(drop=True)
    forward_km = edges.groupby("way")["km"].sum().reindex(range(len(ways))).to_numpy(dtype=float)
    both = np.array([way.forward and way.backward for way in ways], dtype=bool)
    way_km = np.where(both, forward_km / 2, forward_km)
    ferry = (own["road_class"] == FERRY).to_numpy()
    timed = way_km[edges["way"]] / own["hours"].to_numpy()
    km_h = np.where(ferry, np.where(np.isfinite(timed), timed, FERRY_KM_H), np.nan)
    return edges.assign(
        road_class=own["road_class"],
        km_h=km_h,
        wait_minutes=np.where(ferry & edges["boards"].to_numpy(dtype=bool), boarding_minutes, 0.0),
        toll_cny=np.where(own["toll"], edges["km"] * toll_cny_km, 0.0),
        max_t=own["max_t"],
        max_m=own["max_m"],
        no_hgv=own["no_hgv"],
    ).drop(columns=["way", "boards"])


def elements_of(answers: Iterable[Mapping[str, Any]]) -> Elements:
    """Nodes and ways of Overpass answers, each once."""
    found = Elements()
    for answer in answers:
        for element in answer["elements"]:
            if element["type"] == "node" and "lat" in element:
                found.nodes[int(element["id"])] = (float(element["lon"]), float(element["lat"]))
            elif element["type"] == "way" and "nodes" in element:
                tags = {key: str(value) for key, value in (element.get("tags") or {}).items()}
                found.ways[int(element["id"])] = (element["nodes"], tags)
    return found


def read_answers(files: Iterable[Path]) -> Elements:
    """Nodes and ways of files of Overpass answers in JSON.

    Raises:
        InputError: naming every file that is no Overpass answer, or a folder without any.
    """
    answers: list[Mapping[str, Any]] = []
    problems: list[Problem] = []
    for file in files:
        answer = answer_of(file, "remove it, so that it is asked for again")
        if isinstance(answer, Problem):
            problems.append(answer)
        else:
            answers.append(answer)
    if not answers and not problems:
        problems.append(Problem("overpass", "there are no recorded answers", "give a folder of *.json files"))
    if problems:
        raise InputError(problems)
    return elements_of(answers)


def read_recorded(folder: Path, *, toll_cny_km: float = TOLL_CNY_KM,
                  boarding_minutes: float = BOARDING_MINUTES) -> RoadGraph:  # fmt: skip
    """Roads of recorded Overpass answers: a folder of JSON files, such as the cache folder of osmnx.

    Raises:
        InputError: if there are none, or one of them is no answer.
    """
    elements = read_answers(sorted(folder.glob("*.json")))
    return graph_from_elements(elements, toll_cny_km=toll_cny_km, boarding_minutes=boarding_minutes)


def read_extract(file: Path) -> RoadGraph:
    """Roads of an extract: .osm, .osm.gz, .osm.bz2 or .osm.pbf.

    Raises:
        InputError: if the file cannot be read or has no roads.
    """
    if problem := unfit_unpacked(file):
        raise InputError([problem])
    refuse_doctype(file)
    osmium, filters = needed("osmium", file.name), needed("osmium.filter", file.name)
    found = Elements()
    wanted: set[int] = set()
    try:
        for way in osmium.FileProcessor(str(file), osmium.osm.WAY).with_filter(filters.KeyFilter("highway", "route")):
            tags = {tag.k: tag.v for tag in way.tags if tag.k in USED}
            if way_of(tags) is not None:
                members = [member.ref for member in way.nodes]
                if any(abs(member) > LARGEST_ID for member in members):
                    raise ValueError(f"way {way.id} has a node of an id beyond {LARGEST_ID}")
                found.ways[way.id] = (members, tags)
                wanted.update(members)
        if wanted:
            for node in osmium.FileProcessor(str(file), osmium.osm.NODE).with_filter(filters.IdFilter(wanted)):
                found.nodes[node.id] = (node.location.lon, node.location.lat)
    except (RuntimeError, OSError, ValueError, OverflowError, osmium.InvalidLocationError) as error:
        raise InputError(
            [Problem(file.name, f"cannot be read: {error}", "give a sound .osm or .osm.pbf file")]
        ) from None
    if not found.ways:
        raise InputError([Problem(file.name, "has no roads", "give an extract with ways tagged highway")])
    return graph_from_elements(found)


def graph_from_networkx(graph: nx.MultiDiGraph) -> RoadGraph:
    """The road graph of an osmnx graph: nodes with x, y in degrees, edges with ``highway`` and ``length`` in metres.

    Nodes without a drivable edge are left out; nodes keep the order of their OSM ids.
    """
    rows = []
    for u, v, data in graph.edges(data=True):
        tags = {key: str(_first(data[key])) for key in USED if key in data and key not in {"oneway", "junction"}}
        way = way_of(tags)
        if way is not None:
            km = float(data["length"]) / 1000
            rows.append((u, v, km, way.road_class, km * TOLL_CNY_KM * way.toll, way.max_t, way.max_m, way.no_hgv))
    used = sorted({node for row in rows for node in row[:2]})
    number = {node: position for position, node in enumerate(used)}
    lonlat = np.array([(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in used], dtype=float).reshape(-1, 2)
    columns = ["u", "v", "km", "road_class", "toll_cny", "max_t", "max_m", "no_hgv"]
    edges = pd.DataFrame(rows, columns=columns)
    edges = edges.assign(u=edges["u"].map(number), v=edges["v"].map(number)).astype({"u": int, "v": int})
    return graph_of(to_metric(lonlat), edges)


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) else value


def read_graphml(file: Path) -> RoadGraph:
    """Roads of a GraphML file that osmnx wrote; ``length`` gives the km.

    Raises:
        InputError: if it is no such file.
    """
    if problem := unfit(file):
        raise InputError([problem])
    refuse_doctype(file)
    osmnx = needed("osmnx", file.name)
    try:
        return graph_from_networkx(osmnx.load_graphml(file))
    except Exception as error:  # the parser raises whatever it trips over
        raise InputError([Problem(file.name, f"is no GraphML of osmnx: {error}", "write it with osmnx")]) from None
