"""Geography to instance: the steps of a recipe, one after the other."""

from hubopt.data.pipeline.run import Built, build, make, roads_of

__all__ = ["Built", "build", "make", "roads_of"]
