"""Km and minutes between places on the road graph."""

from hubopt.data.travel.legs import Legs
from hubopt.data.travel.matrix import matrix
from hubopt.data.travel.nearest import km_to_nearest, straight_km
from hubopt.data.travel.weights import Speeds, Vehicle, edge_minutes, is_junction, speeds_of

__all__ = [
    "Legs",
    "Speeds",
    "Vehicle",
    "edge_minutes",
    "is_junction",
    "km_to_nearest",
    "matrix",
    "speeds_of",
    "straight_km",
]
