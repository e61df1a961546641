"""The list of rules and the checker that runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hubopt.check import (
    caps,
    carbon,
    concentration,
    cost,
    counts,
    exchange,
    facilities,
    flows,
    gateways,
    haulage,
    land,
    outages,
    phasing,
    service,
    sourcing,
    stock,
    tables,
    yearly,
)
from hubopt.check.case import Case
from hubopt.check.facts import Facts
from hubopt.check.indicators import indicators
from hubopt.check.report import Finding, Report
from hubopt.check.service import zone_table
from hubopt.instance.policy import Policy, Switch
from hubopt.instance.types import Instance
from hubopt.solution.types import Plan


@dataclass(frozen=True)
class Rule:
    """One requirement on a plan; ``switch`` is the policy's family that turns it off, None if it always holds."""

    test: Callable[[Facts], Iterable[Finding]]
    switch: Switch | None = None


RULES: Mapping[str, Rule] = {
    "columns": Rule(tables.columns),
    "dtypes": Rule(tables.dtypes),
    "numbers": Rule(tables.numbers),
    "known_periods": Rule(tables.known_periods),
    "known_ids": Rule(tables.known_ids),
    "duplicates": Rule(tables.duplicates),
    "whole_modules": Rule(tables.whole_modules),
    "one_design": Rule(facilities.one_design),
    "allowed_design": Rule(facilities.allowed_design),
    "module_bounds": Rule(facilities.module_bounds),
    "site_land": Rule(facilities.site_land),
    "site_level": Rule(facilities.site_level),
    "actions": Rule(facilities.actions),
    "recorded_modules": Rule(facilities.recorded_modules),
    "recorded_sizes": Rule(facilities.recorded_sizes),
    "recorded_costs": Rule(facilities.recorded_costs),
    "stays_open": Rule(phasing.stays_open),
    "no_reopening": Rule(phasing.no_reopening),
    "no_shrinking": Rule(phasing.no_shrinking),
    "conversions": Rule(phasing.conversions),
    "capital_budget": Rule(phasing.capital_budget, "capital_budget"),
    "stock_share": Rule(stock.stock_share, "stock"),
    "level_counts": Rule(counts.level_counts, "level_counts"),
    "hub_type_counts": Rule(counts.hub_type_counts, "hub_types"),
    "presence": Rule(counts.presence, "presence"),
    "forced_sites": Rule(counts.forced_sites, "forced_sites"),
    "existing_must_stay": Rule(counts.existing_must_stay, "existing_must_stay"),
    "land_limits": Rule(land.land_limits, "land"),
    "arcs": Rule(flows.arcs),
    "service_limits": Rule(flows.service_limits, "service_limits"),
    "commodity_legs": Rule(flows.commodity_legs),
    "open_before_use": Rule(flows.open_before_use),
    "conservation": Rule(flows.conservation),
    "over_delivery": Rule(flows.over_delivery),
    "demand_met": Rule(flows.demand_met),
    "mode_goods": Rule(flows.mode_goods),
    "own_zone": Rule(flows.own_zone),
    "capacity": Rule(flows.capacity),
    "requirements": Rule(flows.requirements, "requirements"),
    "utilisation": Rule(concentration.utilisation, "utilisation"),
    "site_share": Rule(concentration.site_share, "concentration"),
    "operator_share": Rule(concentration.operator_share, "concentration"),
    "mode_capacity": Rule(haulage.mode_capacity, "mode_capacity"),
    "terminal_capacity": Rule(haulage.terminal_capacity, "mode_capacity"),
    "exchange_arcs": Rule(exchange.exchange_arcs, "exchange"),
    "exchange_balance": Rule(exchange.exchange_balance, "exchange"),
    "exchange_mix": Rule(exchange.exchange_mix, "exchange"),
    "single_source_legs": Rule(sourcing.single_source_legs, "single_sourcing"),
    "one_upper_end": Rule(sourcing.one_upper_end, "single_sourcing"),
    "every_facility_fed": Rule(sourcing.every_facility_fed, "single_sourcing"),
    "listed_links": Rule(sourcing.listed_links, "single_sourcing"),
    "admissions": Rule(gateways.admissions),
    "gateway_capacity": Rule(gateways.gateway_capacity, "gateway_capacity"),
    "gateway_shares": Rule(gateways.gateway_shares, "gateway_shares"),
    "hub_type_gateways": Rule(gateways.hub_type_gateways, "hub_types"),
    "hub_type_commodities": Rule(gateways.hub_type_commodities, "hub_types"),
    "service_targets": Rule(service.service_targets, "service_targets"),
    "outage_arcs": Rule(outages.outage_arcs, "resilience"),
    "outage_balance": Rule(outages.outage_balance, "resilience"),
    "outage_capacity": Rule(outages.outage_capacity, "resilience"),
    "outage_delivery": Rule(outages.outage_delivery, "resilience"),
    "outage_share": Rule(outages.outage_share, "resilience"),
    "carbon_cap": Rule(carbon.carbon_cap, "carbon_cap"),
    "cost_cap": Rule(caps.cost_cap, "cost_cap"),
    "unmet_cap": Rule(caps.unmet_cap, "unmet_cap"),
    "cost_parts": Rule(cost.cost_parts),
    "objective": Rule(cost.total_objective),
    "kpi": Rule(cost.kpi),
}
"""Every rule of the checker by the name that its findings carry, in the order of the report."""


def broken_rules(facts: Facts) -> tuple[Finding, ...]:
    """The findings of every rule that the policy keeps in force, ordered by rule, place and message."""
    findings: list[Finding] = []
    for rule in RULES.values():
        if rule.switch is None or facts.case.policy.holds(rule.switch):
            findings += sorted(rule.test(facts), key=lambda finding: (finding.where, finding.message))
    return tuple(findings)


def check(
    instance: Instance,
    policy: Policy,
    plan: Plan,
    *,
    cost: Mapping[str, float] | None = None,
    objective: float | None = None,
    kpi: Mapping[str, float] | None = None,
) -> Report:
    """Check a plan against every rule that the policy keeps in force, and recompute all of its figures.

    Only the instance, the policy and the plan's tables are used, and nothing that the model or a solver computed.

    Args:
        instance: the raw instance; the policy is applied here.
        policy: the policy of the run.
        plan: the plan, in the columns of :mod:`hubopt.solution.types`; broken tables become findings, not errors.
        cost: reported cost parts (CNY/year) to compare, if any.
        objective: reported objective (CNY/year) to compare, if any.
        kpi: reported indicators to compare, if any.

    Returns:
        The findings and the recomputed figures.

    Raises:
        InputError: if the policy names what the instance does not have.
    """
    facts = Facts(Case.of(instance, policy), plan, cost, objective, kpi)
    return Report(
        findings=broken_rules(facts),
        cost=yearly.weighted_costs(facts),
        objective=yearly.objective(facts),
        kpi=indicators(facts),
        facilities=facts.facilities,
        zones=zone_table(facts),
    )
