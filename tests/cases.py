"""Small instances for tests: ``tiny`` can be checked by hand, ``random_case`` can be solved by brute force."""

from tests.builder import instance_of
from tests.random_cases import medium_case, random_case
from tests.tiny_case import TINY_DEMAND, TINY_ZONES, tiny

__all__ = ["TINY_DEMAND", "TINY_ZONES", "instance_of", "medium_case", "random_case", "tiny"]
