"""Roads of every source, as one directed graph."""

from hubopt.data.roads.graph import (
    ACCESS_CONTROLLED,
    CONNECTOR,
    RAMP,
    RoadGraph,
    both_ways,
    graph_of,
    largest_component,
    subgraph,
    without_edges,
)
from hubopt.data.roads.lines import graph_from_lines

__all__ = [
    "ACCESS_CONTROLLED",
    "CONNECTOR",
    "RAMP",
    "RoadGraph",
    "both_ways",
    "graph_from_lines",
    "graph_of",
    "largest_component",
    "subgraph",
    "without_edges",
]
