"""Geography to instance: roads, travel, zones, sites and demand, by a recipe."""

from hubopt.data.build import build

__all__ = ["build"]
