"""What was found: frozen types of a solution, reading and atomic writing of result folders."""

from hubopt.solution.types import (
    ASSIGNMENT_COLUMNS,
    FACILITY_COLUMNS,
    FLOW_COLUMNS,
    Limit,
    Plan,
    Proof,
    Solution,
    Status,
)

__all__ = [
    "ASSIGNMENT_COLUMNS",
    "FACILITY_COLUMNS",
    "FLOW_COLUMNS",
    "Limit",
    "Plan",
    "Proof",
    "Solution",
    "Status",
]
