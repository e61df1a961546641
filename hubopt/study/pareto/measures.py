"""What a front trades: measures of a plan, read from the checker's figures, charged for and limited by the policy.

Every measure has a *level* that is better when smaller: cost in CNY/year, emission in t CO2e/year, land in ha, and the
shares of demand outside the service standards and unserved in the worst outage. Land, emission and shares are those of
the worst period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hubopt.instance import COST_PARTS, InputError, Instance, Policy, Problem, apply
from hubopt.instance.errors import choose_from
from hubopt.instance.policy import Charges, ResilienceChange, Switch, TargetChange
from hubopt.instance.types import ServiceTarget
from hubopt.solution import Solution

LOOKED_AT = 1e-9
"""A floor so low that it asks for nothing, but has targets and outages looked at that would else not be."""

KG_PER_T = 1000.0


@dataclass(frozen=True)
class Measure:
    """A measure by name (``cost``, ``service:ID``, ...), with the service targets that it looks at.

    ``is_share``: shown as the share reached (0 to 1), which is 1 less the level; the others are shown as they are.
    """

    name: str
    unit: str
    switches: tuple[Switch, ...] = ()
    targets: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The name without a target."""
        return self.name.partition(":")[0]

    @property
    def is_share(self) -> bool:
        """Whether more is better and 1 the most."""
        return self.kind in ("service", "resilience")

    def shown(self, level: float) -> float:
        """The level as people read it."""
        return 1.0 - level if self.is_share else level


MEASURES: Mapping[str, Measure] = {
    "cost": Measure("cost", "CNY/year", ("cost_cap",)),
    "carbon": Measure("carbon", "t CO2e/year", ("carbon_cap",)),
    "land": Measure("land", "ha", ("land",)),
    "service": Measure("service", "-", ("service_targets",)),
    "resilience": Measure("resilience", "-", ("resilience",)),
}
"""Measures by name; ``service:ID`` is ``service`` of one target."""


def _targets(instance: Instance, policy: Policy) -> dict[str, ServiceTarget]:
    """Targets that can bind, by id: those of delivery need single-sourced legs."""
    structure = apply(instance, policy).structure
    single = set(structure.service.single_sourcing) if policy.holds("single_sourcing") else set()
    return {
        target.id: target
        for target in structure.service.targets
        if target.kind != "delivery" or {f"{target.level}-station", "station-zone"} <= single
    }


def _asks(instance: Instance, policy: Policy, target: ServiceTarget) -> bool:
    periods = apply(instance, policy).structure.periods
    return any(period.target_shares.get(target.id, target.share) > 0 for period in periods)


def _service(instance: Instance, policy: Policy, name: str) -> Measure | Problem:
    targets = _targets(instance, policy)
    if not targets:
        mend = "trade other measures, or give the instance a service target"
        return Problem("--objectives", "needs a service target that can bind; there is none", mend, value=name)
    wanted = name.partition(":")[2]
    if wanted and wanted not in targets:
        message = "is no service target of the instance that can bind"
        return Problem("--objectives", message, choose_from(wanted, targets), value=wanted)
    asking = [item.id for item in targets.values() if _asks(instance, policy, item)]
    chosen = (wanted,) if wanted else tuple(asking or targets)
    return Measure(name, "-", MEASURES["service"].switches, chosen)


def _resilience(instance: Instance, policy: Policy) -> Measure | Problem:
    case = apply(instance, policy)
    hubs = case.sites[(case.sites["level"] == "hub") & (case.sites["forced"] != "closed")]
    if len(hubs) < 2:
        message = f"needs two hubs that may open, so that one can take over; there is {len(hubs)}"
        return Problem("--objectives", message, "trade other measures", value="resilience")
    return MEASURES["resilience"]


def measures_of(names: Sequence[str], instance: Instance, policy: Policy) -> tuple[Measure, ...]:
    """The measures of a front by their names; the first is the one that is minimised under limits on the others.

    Raises
    ------
    InputError
        If they are not two or three different ones, or the instance or the policy gives no way to trade them.
    """
    problems: list[Problem] = []
    found: list[Measure] = []
    if not 2 <= len(names) <= 3 or len({name.partition(":")[0] for name in names}) < len(names):
        message, mend = "does not name two or three different measures", f"choose from {', '.join(MEASURES)}"
        raise InputError([Problem("--objectives", message, mend, value=",".join(names))])
    for name in names:
        kind = name.partition(":")[0]
        if kind not in MEASURES or (":" in name and kind != "service"):
            problems.append(Problem("--objectives", "is no measure", choose_from(name, MEASURES), value=name))
            continue
        measure: Measure | Problem = MEASURES[kind]
        off = [switch for switch in MEASURES[kind].switches if not policy.holds(switch)]
        if off:
            message = f"switches {off[0]!r} off, which a front over {kind} needs"
            problems.append(Problem("policy", message, f"take {off[0]!r} out of off"))
        elif kind == "service":
            measure = _service(instance, policy, name)
        elif kind == "resilience":
            measure = _resilience(instance, policy)
        if isinstance(measure, Problem):
            problems.append(measure)
        else:
            found.append(measure)
            problems += _own_shares(measure, instance, policy)
    if not policy.holds("unmet_cap"):
        message = "switches 'unmet_cap' off, which a front needs: else serving less would look like saving"
        problems.append(Problem("policy", message, "take 'unmet_cap' out of off"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _own_shares(measure: Measure, instance: Instance, policy: Policy) -> Iterable[Problem]:
    """Figures of the instance's own periods that a limit of the policy cannot tighten."""
    if policy.phases:
        return
    for period in instance.structure.periods:
        if measure.kind == "carbon" and period.carbon_cap_t_year is not None:
            message = f"has a cap on emission in period {period.id!r} that no policy can tighten"
            yield Problem("INSTANCE", message, "take it out, or give phases in the policy")
        for target in measure.targets:
            if target in period.target_shares and len(instance.structure.periods) > 1:
                message = (
                    f"has a share of target {target!r} for period {period.id!r} alone, which a limit would replace"
                )
                yield Problem("INSTANCE", message, "give phases with target_shares in the policy")


def base_policy(measures: Sequence[Measure], instance: Instance, policy: Policy) -> Policy:
    """The policy whose plans a front trades: its limits stand, its own weights and charges have no say.

    Service targets and outages that a measure looks at are looked at.
    """
    changes: dict[str, object] = {"weights": {}, "land_charge_cny_ha_year": 0.0, "charges": Charges()}
    changed = policy.model_copy(update=changes)
    for measure in measures:
        if measure.is_share:
            changed = limited(changed, measure, instance, 1.0 - LOOKED_AT)
    return changed


def levels(measure: Measure, solution: Solution, periods: Sequence[str]) -> float:
    """The level of a measure in a plan: worst of the periods; cost is the sum of all parts over the periods."""
    kpi = solution.kpi

    def worst(name: str, pick: Callable[[Iterable[float]], float]) -> float:
        return pick([kpi[f"{name}.{period}"] for period in periods] if len(periods) > 1 else [kpi[name]])

    if measure.kind == "cost":
        return sum(solution.cost.values())
    if measure.kind == "carbon":
        return worst("kgco2e_year.total", max) / KG_PER_T
    if measure.kind == "land":
        return worst("land_ha.total", max)
    if measure.kind == "service":
        return 1.0 - min(worst(f"target.{target}", min) for target in measure.targets)
    return max(0.0, 1.0 - kpi["resilience.worst"])


def unmet_share(solution: Solution, periods: Sequence[str]) -> float:
    """Largest share of a period's demand that a plan leaves unmet."""
    names = [f"served_share.{period}" for period in periods] if len(periods) > 1 else ["served_share"]
    return max(0.0, 1.0 - min(solution.kpi[name] for name in names))


def _least(own: float | None, limit: float) -> float:
    return limit if own is None else min(own, limit)


def limited(policy: Policy, measure: Measure, instance: Instance, limit: float) -> Policy:
    """The policy with the level of a measure at most ``limit``, by the policy's own limits; none is loosened."""
    update: dict[str, object] = {}
    if measure.kind == "cost":
        update["cost_cap_cny_year"] = _least(policy.cost_cap_cny_year, limit)
    elif measure.kind == "carbon":
        update["carbon_cap_t_year"] = _least(policy.carbon_cap_t_year, limit)
        update["phases"] = tuple(
            phase
            if phase.carbon_cap_t_year is None
            else phase.model_copy(update={"carbon_cap_t_year": _least(phase.carbon_cap_t_year, limit)})
            for phase in policy.phases
        )
    elif measure.kind == "land":
        table = instance.land
        rows = table.loc[(table["scope"] == "total") & (table["id"] == "total"), "limit_ha"]
        own = policy.land_ha.get("total:total", float(rows.min()) if len(rows) else None)
        update["land_ha"] = {**policy.land_ha, "total:total": _least(own, limit)}
    elif measure.kind == "service":
        return _served(policy, measure, instance, 1.0 - limit)
    else:
        floors = apply(instance, policy).structure.resilience
        least = max(0.0, 1.0 - limit)
        update["resilience"] = ResilienceChange(
            hub_outage_share=max(floors.hub_outage_share, least),
            gateway_outage_share=max(floors.gateway_outage_share, least) if floors.gateway_outage_share > 0 else None,
        )
    return policy.model_copy(update=update)


def _served(policy: Policy, measure: Measure, instance: Instance, least: float) -> Policy:
    """The policy with at least a share of the demand within every target of the measure, in every period."""
    own = _targets(instance, policy)
    targets = dict(policy.targets)
    for name in measure.targets:
        share = min(1.0, max(own[name].share, least))
        targets[name] = targets.get(name, TargetChange()).model_copy(update={"share": share})
    phases = tuple(
        phase.model_copy(
            update={
                "target_shares": {
                    name: min(1.0, max(share, least)) if name in measure.targets else share
                    for name, share in phase.target_shares.items()
                }
            }
        )
        for phase in policy.phases
    )
    return policy.model_copy(update={"targets": targets, "phases": phases})


def priced(policy: Policy, measures: Sequence[Measure], prices: Sequence[float]) -> Policy:
    """The policy whose objective is the sum of prices times levels (CNY/year per unit of level)."""
    of = {measure.kind: price for measure, price in zip(measures, prices, strict=True)}
    cost = of.get("cost", 0.0)
    looked_at = next((measure.targets for measure in measures if measure.kind == "service"), ())
    charges = Charges(
        land_cny_ha_year=of.get("land", 0.0),
        carbon_cny_t=of.get("carbon", 0.0),
        missed_cny_year=of.get("service", 0.0),
        targets=looked_at,
        outage_cny_year=of.get("resilience", 0.0),
    )
    weights = {} if cost == 1.0 else dict.fromkeys(COST_PARTS, cost)
    return policy.model_copy(update={"weights": weights, "charges": charges})
