"""Instance and policy to a Pyomo model: variables, every constraint that the policy keeps, the objective."""

from __future__ import annotations

import pyomo.environ as pyo

from hubopt.instance import Instance, Policy
from hubopt.model import (
    assignment,
    budgets,
    carbon,
    chain,
    charges,
    concentration,
    counts,
    exchange,
    facilities,
    flows,
    gateways,
    land,
    modes,
    objective,
    outages,
    phasing,
    service,
    stock,
)
from hubopt.model.constraint import Constraint
from hubopt.model.network import Network, make_network
from hubopt.model.scale import Scale
from hubopt.model.variables import add_variables

FAMILIES = (
    facilities, phasing, stock, counts, flows, assignment, exchange, modes, gateways, land, service, chain,
    concentration, outages, carbon, budgets, charges,
)  # fmt: skip
"""The modules that hold the constraints, in the order of the mathematics page."""

CONSTRAINTS: dict[str, Constraint] = {item.name: item for family in FAMILIES for item in family.CONSTRAINTS}
"""Every constraint of the model by name."""


def add_constraint(model: pyo.ConcreteModel, constraint: Constraint) -> None:
    """Add one family of rows under its own name."""
    rows = list(dict.fromkeys(constraint.index_set(model.network)))
    model.add_component(constraint.name, pyo.Constraint(rows, rule=constraint.rule))


def empty_model(network: Network) -> pyo.ConcreteModel:
    """A model with the variables of ``network`` and nothing else; tests add single constraints to it."""
    model = pyo.ConcreteModel(name=network.instance.info.id)
    model.network = network
    model.nothing = pyo.Var(bounds=(0, 0))
    add_variables(model)
    stock.add_stock_variables(model)
    exchange.add_exchange_variables(model)
    modes.add_mode_variables(model)
    outages.add_outage_variables(model)
    if network.policy.holds("service_targets"):
        service.add_service_variables(model)
    charges.add_charge_variables(model)
    return model


def build(instance: Instance, policy: Policy | None = None, scale: Scale | None = None) -> pyo.ConcreteModel:
    """The mixed-integer model of an instance under a policy, in units of ``scale`` (none: those that suit it).

    ``model.network`` holds the sets, coefficients and the scale (flow units in t/d, money units in CNY/year).

    Raises
    ------
    InputError
        If the policy names things that the instance does not have, or asks for what cannot be modelled.
    """
    chosen = policy or Policy()
    model = empty_model(make_network(instance, chosen, scale))
    for constraint in CONSTRAINTS.values():
        if constraint.switch is None or chosen.holds(constraint.switch):
            add_constraint(model, constraint)
    objective.add_objective(model)
    return model
