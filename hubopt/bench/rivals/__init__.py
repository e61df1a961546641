"""The other solvers, one module each; every one is loaded in a process of its own, as their libraries clash."""

from hubopt.bench.rivals.registry import RIVALS, Rival, is_installed, version_of

__all__ = ["RIVALS", "Rival", "is_installed", "version_of"]
