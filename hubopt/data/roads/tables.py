"""Roads from tables: plain tables of edges, and GMNS (nodes and links)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from hubopt.data.files import floats, read_table
from hubopt.data.ground.coordinates import METRIC, WGS84, Floats, to_degrees
from hubopt.data.roads.graph import RoadGraph, graph_of
from hubopt.data.roads.spec import EDGE_COLUMNS
from hubopt.data.roads.tags import CLASSES
from hubopt.instance.errors import InputError, Problem

_SHOWN = 5


def _read(file: Path) -> pd.DataFrame:
    table = read_table(file)
    if not len(table):
        raise InputError([Problem(file.name, "has no rows", "give a table with roads in it")])
    return table


def _need(table: pd.DataFrame, names: Mapping[str, str], needed: tuple[str, ...], file: str) -> None:
    """Complain of every column that is needed and missing."""
    missing = [names[key] for key in needed if names[key] not in table]
    if missing:
        mend = f"name the columns in the recipe; the file has {', '.join(map(str, table.columns))}"
        raise InputError([Problem(file, "column is missing", mend, row=1, column=name) for name in missing])


def numbers(table: pd.DataFrame, column: str, file: str) -> Floats:
    """A column as finite floats, shape (rows,).

    Raises:
        InputError: naming the first rows that hold no number.
    """
    values = floats(table[column]).to_numpy(dtype=float)
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        raise InputError(
            [
                Problem(file, "is not a number", "give a number", int(row) + 2, column, table[column].iloc[row])
                for row in wrong[:_SHOWN]
            ]
        )
    return values


def metric_of(xy: Floats, crs: str, file: str) -> Floats:
    """Coordinates of any CRS in the metric plane, shape (n, 2).

    Raises:
        InputError: if the CRS is unknown, or the coordinates cannot be of it: degrees beyond their range, latitude
            and longitude swapped, or metres declared as degrees.
    """
    try:
        transformer = Transformer.from_crs(crs, METRIC, always_xy=True)
    except CRSError:
        raise InputError(
            [Problem(file, "there is no such CRS", "use e.g. EPSG:4326", column="crs", value=crs)]
        ) from None
    if CRS.from_user_input(crs).is_geographic:
        _check_degrees(xy, file)
    x, y = transformer.transform(xy[:, 0], xy[:, 1])
    metric = np.column_stack([x, y])
    if not np.isfinite(metric).all():
        raise InputError([Problem(file, f"the coordinates are not of {crs}", "state the CRS that they are in")])
    lonlat = to_degrees(metric)
    far = (np.abs(lonlat[:, 1]) > 85) | ~np.isfinite(lonlat).all(axis=1)
    if far.any():
        raise InputError([Problem(file, f"the coordinates are not of {crs}", "state the CRS that they are in")])
    return metric


def _check_degrees(xy: Floats, file: str) -> None:
    lon, lat = xy[:, 0], xy[:, 1]
    row = int(np.argmax(np.abs(lat)))
    if np.abs(lat).max() <= 90 and np.abs(lon).max() <= 180:
        return
    if np.abs(lon).max() <= 90 and np.abs(lat).max() <= 180:
        message, mend = "latitude and longitude are swapped", "name the columns the other way round"
    else:
        message, mend = "coordinates are metres, not degrees", "state their CRS"
    raise InputError([Problem(file, message, mend, row + 2, value=(float(lon[row]), float(lat[row])))])


def class_of(values: pd.Series, default: str, file: str) -> np.ndarray:
    """Road classes from class names: those of OpenStreetMap or of hubopt; ``default`` where there is none.

    Raises:
        InputError: naming class names that are unknown where no default is given.
    """
    known = dict(CLASSES) | {"ramp": "ramp", "minor": "minor", "ferry": "ferry", "expressway": "expressway"}
    found = values.map(lambda value: known.get(str(value), default))
    if (found == "").any():
        unknown = sorted({str(value) for value in values[found == ""]})
        mend = "give the layer a default_class, or rename it"
        raise InputError([Problem(file, "is no road class", mend, value=value) for value in unknown[:_SHOWN]])
    return found.to_numpy()


def read_edges(
    file: Path, columns: Mapping[str, str], crs: str = WGS84, default_class: str = "", nodes_file: Path | None = None
) -> RoadGraph:
    """A graph from a table of edges.

    Columns by meaning, named as in :data:`~hubopt.data.roads.spec.EDGE_COLUMNS` unless ``columns`` says otherwise:
    ``u``, ``v`` (any ids) and ``m`` (metres) are needed; the ends' coordinates are ``x_u``, ``y_u``, ``x_v``, ``y_v``,
    of which those of v may be missing when every node is the start of some edge; or they come from ``nodes_file`` with
    the columns ``node``, ``x``, ``y``. ``oneway``: 1 as listed, -1 against it, 0 both ways; without the column every
    row is one direction.

    Raises:
        InputError: naming missing columns, cells that are no numbers, lengths below zero, nodes without a position or
            with two, unknown classes.
    """
    names = {**EDGE_COLUMNS, "node": "node", "x": "x", "y": "y", **columns}
    table = _read(file)
    _need(table, names, ("u", "v", "m") if nodes_file else ("u", "v", "m", "x_u", "y_u"), file.name)
    metres = numbers(table, names["m"], file.name)
    if (metres < 0).any():
        row = int(np.argmax(metres < 0))
        raise InputError(
            [Problem(file.name, "a length is below zero", "give metres", row + 2, names["m"], metres[row])]
        )
    places = _places(table, names, file.name) if nodes_file is None else _listed(nodes_file, names)
    ids = pd.Index(places["node"])
    u, v = ids.get_indexer(table[names["u"]]), ids.get_indexer(table[names["v"]])
    lost = np.flatnonzero((u < 0) | (v < 0))
    if len(lost):
        raise InputError(
            [
                Problem(file.name, "an end of the edge has no position", "list the node", int(row) + 2)
                for row in lost[:_SHOWN]
            ]
        )
    given = names["road_class"] in table
    raw = table[names["road_class"]] if given else pd.Series([""] * len(table))
    edges = pd.DataFrame({"u": u, "v": v, "km": metres / 1000, "road_class": class_of(raw, default_class, file.name)})
    sense = numbers(table, names["oneway"], file.name) if names["oneway"] in table else np.ones(len(table))
    back = edges[sense <= 0].rename(columns={"u": "v", "v": "u"})
    xy = metric_of(places[["x", "y"]].to_numpy(dtype=float), crs, file.name)
    return graph_of(xy, pd.concat([edges[sense >= 0], back], ignore_index=True))


def _places(table: pd.DataFrame, names: Mapping[str, str], file: str) -> pd.DataFrame:
    """Node positions from the ends of the edges: node, x, y in the file's CRS."""
    ends = []
    for end in ("u", "v"):
        if names[f"x_{end}"] in table and names[f"y_{end}"] in table:
            x, y = (numbers(table, names[f"{axis}_{end}"], file) for axis in ("x", "y"))
            ends.append(pd.DataFrame({"node": table[names[end]], "x": x, "y": y}))
    places = pd.concat(ends, ignore_index=True)
    by_node = places.groupby("node")[["x", "y"]]
    spread = (by_node.max() - by_node.min()).max(axis=1)
    limit = 1.0 if places[["x", "y"]].abs().to_numpy().max() > 360 else 1e-5
    if (spread > limit).any():
        node = spread.index[(spread > limit).to_numpy()][0]
        raise InputError([Problem(file, "a node has two positions", "give each node one place", value=node)])
    return places.drop_duplicates("node").reset_index(drop=True)


def _listed(file: Path, names: Mapping[str, str]) -> pd.DataFrame:
    """Node positions from a table of nodes."""
    table = _read(file)
    _need(table, names, ("node", "x", "y"), file.name)
    places = pd.DataFrame(
        {"node": table[names["node"]], **{axis: numbers(table, names[axis], file.name) for axis in "xy"}}
    )
    twice = np.flatnonzero(places["node"].duplicated())
    if len(twice):
        raise InputError(
            [
                Problem(
                    file.name,
                    "the node is listed twice",
                    "keep one of them",
                    int(row) + 2,
                    names["node"],
                    places["node"].iloc[row],
                )
                for row in twice[:_SHOWN]
            ]
        )
    return places


def read_gmns(links: Path, nodes: Path, crs: str = WGS84, default_class: str = "") -> RoadGraph:
    """A graph from the General Modeling Network Specification: ``link.csv`` and ``node.csv``.

    Of links: from_node_id, to_node_id, length (metres), directed (true: one way, the default; false: both ways),
    facility_type; of nodes: node_id, x_coord, y_coord.

    Raises:
        InputError: as :func:`read_edges`.
    """
    table = _read(links)
    columns = {"u": "from_node_id", "v": "to_node_id", "m": "length", "road_class": "facility_type"}
    columns |= {"node": "node_id", "x": "x_coord", "y": "y_coord", "oneway": "oneway"}
    graph = read_edges(links, columns, crs, default_class, nodes)
    if "directed" not in table:
        return graph
    shut = {"false", "0", "no"}
    free = table["directed"].astype(str).str.lower().isin(shut).to_numpy()
    if not free.any():
        return graph
    ids = pd.Index(_listed(nodes, {**EDGE_COLUMNS, **columns})["node"])
    both = table[free]
    kinds = both["facility_type"] if "facility_type" in both else pd.Series([""] * len(both))
    back = pd.DataFrame(
        {
            "u": ids.get_indexer(both["to_node_id"]),
            "v": ids.get_indexer(both["from_node_id"]),
            "km": both["length"].to_numpy(dtype=float) / 1000,
            "road_class": class_of(kinds, default_class, links.name),
        }
    )
    return graph_of(graph.xy(), pd.concat([graph.edges, back], ignore_index=True))
