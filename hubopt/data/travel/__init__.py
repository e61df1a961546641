"""Km and minutes between places on the road graph."""

from hubopt.data.travel.fastest import (
    Places,
    Speeds,
    edge_minutes,
    is_junction,
    km_to_nearest,
    straight_km,
    tie,
    travel,
)

__all__ = ["Places", "Speeds", "edge_minutes", "is_junction", "km_to_nearest", "straight_km", "tie", "travel"]
