"""Between the program's columns and the plan's tables, both ways; no cost is copied, the checker recomputes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from hubopt.check import DECISION_COLUMNS, complete_plan
from hubopt.instance import Instance, Policy, rows
from hubopt.model import Network
from hubopt.solution import ASSIGNMENT_COLUMNS, EXCHANGE_COLUMNS, FLOW_COLUMNS, Plan
from hubopt.solution.schema import EXCHANGES
from hubopt.solution.write import typed
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.plans.rerouting import outages_of

CRUMB_T_D = 1e-6
"""Flows below this many t/d are rounding errors of the solver and are dropped."""


def plan_of(instance: Instance, policy: Policy, network: Network, program: Milp, values: Vector) -> Plan:
    """The plan at a point whose integer columns are whole (flows in t/d, sizes in modules)."""
    groups = program.groups
    sizes = groups.get("modules", {})
    converted = groups.get("converted", {})
    decisions = [
        (
            t,
            i,
            d,
            round(float(values[sizes[i, d, t]])),
            float(values[converted[i, d, t]]) if (i, d, t) in converted else 0.0,
        )
        for (i, d, t), column in groups.get("open", {}).items()
        if values[column] > 0.5
    ]
    links = [(t, leg, i, j) for (leg, i, j, t), column in groups.get("link", {}).items() if values[column] > 0.5]
    flows = [
        (t, leg, i, j, mode, k, amount)
        for (leg, i, j, mode, k, t), column in groups.get("flow", {}).items()
        if (amount := float(values[column]) * network.scale.flow_t_d) > CRUMB_T_D
    ]
    exchanges = [
        (t, k, o, i, j, mode, amount)
        for (k, o, i, j, mode, t), column in groups.get("exchange", {}).items()
        if (amount := float(values[column]) * network.scale.flow_t_d) > CRUMB_T_D
    ]
    plan = complete_plan(
        instance,
        policy,
        pd.DataFrame(decisions, columns=[*DECISION_COLUMNS, "converted_modules"]),
        pd.DataFrame(links, columns=list(ASSIGNMENT_COLUMNS)),
        pd.DataFrame(flows, columns=list(FLOW_COLUMNS)),
        typed(EXCHANGES, pd.DataFrame(exchanges, columns=list(EXCHANGE_COLUMNS))),
    )
    return replace(plan, outages=outages_of(network, plan.facilities, plan.flows))


def point_of(program: Milp, plan: Plan) -> Vector:
    """The integer columns of a plan, perhaps of another run; what the program does not know is left out."""
    values = np.zeros(program.columns)
    opened, sizes, links = (program.groups.get(group, {}) for group in ("open", "modules", "link"))
    for row in rows(plan.facilities):
        key = (row.site, row.design, row.period)
        if row.modules > 0 and key in opened:
            values[opened[key]] = 1.0
            values[sizes[key]] = float(row.modules)
    for row in rows(plan.assignments):
        key_of_link = (row.leg, row.origin, row.destination, row.period)
        if key_of_link in links:
            values[links[key_of_link]] = 1.0
    return values
