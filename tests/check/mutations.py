"""Every mutation: one way or more to break each rule; each says which rules must speak, and no others."""

from tests.check import mutations_facilities, mutations_flows, mutations_periods
from tests.check.mutation import BASE, MUTATIONS

__all__ = ["BASE", "MUTATIONS", "mutations_facilities", "mutations_flows", "mutations_periods"]
