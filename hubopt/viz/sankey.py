"""The flow of goods from the gateways to the zones as bands whose width is their tonnage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from unicodedata import east_asian_width

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from hubopt.texts import Texts
from hubopt.viz.charts import WIDTH
from hubopt.viz.numbers import Numbers
from hubopt.viz.plotting import Chart
from hubopt.viz.style import END_COLOURS, INK, SOFT

COLUMNS = ("gateway", "hub", "utc", "station", "zone")
"""The columns, from the outside world to the customer."""

HEADS: Mapping[str, str] = {
    "gateway": "report.gateways",
    "hub": "levels.hub",
    "utc": "levels.utc",
    "station": "levels.station",
    "zone": "chart.zones",
}
"""Titles of the columns."""

PLACES = (0.0, 1.05, 2.5, 3.4, 4.45)
"""Where the columns stand; hubs have long names to their right."""

MARGINS = (1.8, 0.95)
"""Room for names left of the first column and right of the last."""

NODE_WIDTH = 0.055
"""Width of a node, in the unit of :data:`PLACES`."""

SPACING = 0.012
"""Space between the nodes of a column, as a share of the height."""

LABELLED = 0.016
"""Nodes lower than this share of the height carry no label."""

SWEEPS = 8
"""Rounds of ordering by the mean place of what is joined."""

LABEL_WIDTH = 22
"""Most letters of a node's name; a Chinese character counts as two."""

Node = tuple[int, str]
"""Column and key; a key that starts with :data:`PASSING` stands for goods that pass the column by."""

PASSING = "\0"


@dataclass(frozen=True)
class Band:
    """Goods (t/d) from a node of one level to a node of a lower one; keys are unique within a level."""

    upper: str
    lower: str
    origin: str
    destination: str
    t_d: float


@dataclass(frozen=True)
class Layout:
    """Where each node stands (bottom, height; the whole height is 1) and what goes between neighbouring columns."""

    places: Mapping[Node, tuple[float, float]]
    steps: Mapping[tuple[Node, Node], float]
    scale: float


def _steps(bands: Iterable[Band]) -> dict[tuple[Node, Node], float]:
    """Bands cut at every column; what skips one passes it by at a place shared by a level's goods for a destination."""
    steps: dict[tuple[Node, Node], float] = defaultdict(float)
    for band in bands:
        first, last = COLUMNS.index(band.upper), COLUMNS.index(band.lower)
        way: list[Node] = [(first, band.origin)]
        way += [(column, PASSING + band.upper + PASSING + band.destination) for column in range(first + 1, last)]
        for pair in pairwise([*way, (last, band.destination)]):
            steps[pair] += band.t_d
    return dict(steps)


def _lane(node: Node) -> Node:
    """What shares a lane: a district keeps its height through the columns of centres, stations and zones."""
    column, key = node
    if key.startswith(PASSING):
        return (len(COLUMNS), key.split(PASSING)[2])
    return node if COLUMNS[column] in ("gateway", "hub") else (len(COLUMNS), key)


def _ordered(columns: Sequence[list[Node]], steps: Mapping[tuple[Node, Node], float]) -> None:
    """Put each column into an order with few crossings: lanes by the mean place of their neighbours, in turns."""
    met: dict[Node, dict[Node, float]] = defaultdict(lambda: defaultdict(float))
    for (a, b), t_d in steps.items():
        if _lane(a) != _lane(b):
            met[_lane(a)][_lane(b)] += t_d
            met[_lane(b)][_lane(a)] += t_d
    kinds = sorted({column for column, _ in met})
    ranks = {kind: sorted(lane for lane in met if lane[0] == kind) for kind in kinds}
    for sweep in range(SWEEPS):
        for kind in kinds if sweep % 2 else kinds[::-1]:
            rank = {lane: (i + 0.5) / len(lanes) for lanes in ranks.values() for i, lane in enumerate(lanes)}
            mean = {
                lane: sum(rank[x] * t for x, t in met[lane].items()) / sum(met[lane].values()) for lane in ranks[kind]
            }
            ranks[kind].sort(key=lambda lane: (mean[lane], lane))
    rank = {lane: i / len(lanes) for lanes in ranks.values() for i, lane in enumerate(lanes)}
    for column in columns:
        column.sort(key=lambda node: (rank.get(_lane(node), 0.0), node))


def arranged(bands: Sequence[Band]) -> Layout:
    """Places of all nodes; every column is centred, and a tonne is equally high everywhere."""
    steps = _steps(bands)
    size: dict[Node, float] = defaultdict(float)
    for node in {node for pair in steps for node in pair}:
        out = sum(t for (a, _), t in steps.items() if a == node)
        into = sum(t for (_, b), t in steps.items() if b == node)
        size[node] = max(out, into)
    columns = [sorted(node for node in size if node[0] == column) for column in range(len(COLUMNS))]
    _ordered([column for column in columns if column], steps)
    room = [(1 - SPACING * (len(column) - 1)) / sum(size[node] for node in column) for column in columns if column]
    scale = min(room, default=1.0)
    places: dict[Node, tuple[float, float]] = {}
    for column in columns:
        high = sum(size[node] for node in column) * scale + SPACING * max(0, len(column) - 1)
        top = 0.5 + high / 2
        for node in column:
            height = size[node] * scale
            places[node] = (top - height, height)
            top -= height + SPACING
    return Layout(places, steps, scale)


def _band(x: tuple[float, float], left: float, right: float, height: float, **look: Any) -> PathPatch:
    """A band of one height from (x0, left) to (x1, right), its lower edges."""
    middle = (x[0] + x[1]) / 2
    points = [
        (x[0], left), (middle, left), (middle, right), (x[1], right),
        (x[1], right + height), (middle, right + height), (middle, left + height), (x[0], left + height), (x[0], left),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return PathPatch(Path(points, codes), linewidth=0, **look)


def sankey_chart(
    bands: Sequence[Band], names: Mapping[tuple[str, str], str], texts: Texts, numbers: Numbers
) -> Chart | None:
    """The bands as a chart, coloured by the level they come from; ``names`` by level and key. None without bands."""
    bands = [band for band in bands if band.t_d > 0]
    if not bands:
        return None

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        layout = arranged(bands)
        _paint_bands(axes, layout)
        _paint_nodes(axes, layout, names, numbers)
        used = sorted({column for column, _ in layout.places})
        for column in used:
            place = "left" if column else "right"
            x = PLACES[column] + (-0.5 if place == "left" else 0.5) * NODE_WIDTH
            axes.text(x, 1.03, texts(HEADS[COLUMNS[column]]), ha=place, fontsize=7.5, fontweight="bold", color=SOFT)
        axes.set_xlim(PLACES[used[0]] - (MARGINS[0] if used[0] == 0 else 0.2), PLACES[used[-1]] + MARGINS[1])
        axes.set_ylim(-0.01, 1.07)
        axes.axis("off")

    return Chart("flows", texts("chart.flows"), (WIDTH, 5.4), paint, filling=True)


def _ends(layout: Layout, *, leaving: bool) -> dict[tuple[Node, Node], float]:
    """Lower edge of each step where it leaves its upper node, or where it enters its lower one, top to bottom."""
    near, far = (0, 1) if leaving else (1, 0)
    top = {node: bottom + height for node, (bottom, height) in layout.places.items()}
    edges = {}
    for pair in sorted(layout.steps, key=lambda pair: (-layout.places[pair[far]][0], pair)):
        top[pair[near]] -= layout.steps[pair] * layout.scale
        edges[pair] = top[pair[near]]
    return edges


def _level(node: Node) -> str:
    """The level that goods come from when they leave a node."""
    column, key = node
    return key.split(PASSING)[1] if key.startswith(PASSING) else COLUMNS[column]


def _paint_bands(axes: Axes, layout: Layout) -> None:
    """Bands leave and enter a node in the order of the places they join, so that they cross only on the way."""
    starts, stops = _ends(layout, leaving=True), _ends(layout, leaving=False)
    for (a, b), t_d in layout.steps.items():
        passing_in, passing_out = a[1].startswith(PASSING), b[1].startswith(PASSING)
        start = PLACES[a[0]] + (0.0 if passing_in else NODE_WIDTH / 2)
        x = (start, PLACES[b[0]] - (0.0 if passing_out else NODE_WIDTH / 2))
        look = {"color": END_COLOURS[_level(a)], "alpha": 0.3}
        axes.add_patch(_band(x, starts[a, b], stops[a, b], t_d * layout.scale, **look))


def _short(name: str) -> str:
    """A name cut to :data:`LABEL_WIDTH`."""
    width = 0
    for place, letter in enumerate(name):
        width += 2 if east_asian_width(letter) in "WF" else 1
        if width > LABEL_WIDTH:
            return name[:place].rstrip() + "…"
    return name


def _paint_nodes(axes: Axes, layout: Layout, names: Mapping[tuple[str, str], str], numbers: Numbers) -> None:
    for (column, key), (bottom, height) in layout.places.items():
        if key.startswith(PASSING):
            continue
        level = COLUMNS[column]
        colour = END_COLOURS.get(level, SOFT)
        axes.add_patch(
            Rectangle((PLACES[column] - NODE_WIDTH / 2, bottom), NODE_WIDTH, height, color=colour, linewidth=0)
        )
        if height >= LABELLED:
            side = -1 if column == 0 else 1
            axes.annotate(
                f"{_short(names.get((level, key), key))}  {numbers.figures(height / layout.scale)}",
                (PLACES[column] + side * NODE_WIDTH / 2, bottom + height / 2),
                (4 * side, 0), textcoords="offset points", ha="right" if side < 0 else "left", va="center", fontsize=7,
                color=INK, bbox={"boxstyle": "square,pad=0.05", "facecolor": "white", "alpha": 0.72, "linewidth": 0},
            )  # fmt: skip
