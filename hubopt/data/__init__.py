"""Geography to instance: roads, travel, zones, sites and demand, by a recipe."""

from hubopt.data.pipeline import build

__all__ = ["build"]
