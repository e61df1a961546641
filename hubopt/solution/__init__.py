"""What was found: frozen types of a solution, reading and atomic writing of result folders."""

from hubopt.solution.read import instance_folder, read_duals, read_solution
from hubopt.solution.schema import PLAN_FILES, PLAN_TABLES
from hubopt.solution.types import (
    ASSIGNMENT_COLUMNS,
    EXCHANGE_COLUMNS,
    FACILITY_COLUMNS,
    FLOW_COLUMNS,
    OUTAGE_COLUMNS,
    Limit,
    Plan,
    Proof,
    Solution,
    Status,
)
from hubopt.solution.write import write_solution

__all__ = [
    "ASSIGNMENT_COLUMNS",
    "EXCHANGE_COLUMNS",
    "FACILITY_COLUMNS",
    "FLOW_COLUMNS",
    "OUTAGE_COLUMNS",
    "PLAN_FILES",
    "PLAN_TABLES",
    "Limit",
    "Plan",
    "Proof",
    "Solution",
    "Status",
    "instance_folder",
    "read_duals",
    "read_solution",
    "write_solution",
]
