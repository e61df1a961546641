"""A tree of changes applied to an instance and a policy; what does not fit is named by its place in the tree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from pydantic import ValidationError

from hubopt.instance import Instance, Policy, Problem, sha256, validate
from hubopt.instance.errors import choose_from
from hubopt.instance.figures import address, is_merged
from hubopt.instance.fit import misfits
from hubopt.study.scenarios.changes import ALL, Path, Tree, dotted, merged, nested
from hubopt.study.scenarios.file import fields_at

_CAPITAL = ("capital_cny_m2", "fixed_capital_cny", "conversion_cny_m2")
_RUNNING = ("running_cny_m2_year", "fixed_running_cny_year", "handling_cny_t")
_CARRYING = ("cny_t_km", "cny_t")
_SCOPES = ("city", "district", "total", "parcel")
_COMMON_SCOPES = ("city", "district", "total")
"""Scopes that 'all' stands for: a parcel's land is a matter of fact, not of a quota."""

_PLACES = ("city", "district")


@dataclass(frozen=True)
class Varied:
    """An instance and a policy with the changes of a scenario made."""

    instance: Instance
    policy: Policy


@dataclass(frozen=True)
class Misfit:
    """What does not fit, and where in the tree it stands (a path, perhaps empty)."""

    path: Path
    message: str
    mend: str
    value: object = None


class MisfitError(Exception):
    """Changes that do not fit the instance, the policy or each other."""

    def __init__(self, misfits: Iterable[Misfit]) -> None:
        self.misfits = tuple(misfits)
        super().__init__("; ".join(f"{dotted(item.path)}: {item.message}" for item in self.misfits))


def _ids(items: Iterable[Any]) -> set[str]:
    return {str(item.id) for item in items}


def unknown(tree: Tree, instance: Instance, policy: Policy) -> Iterator[Misfit]:
    """Everything that the tree names outside the policy's own fields and the instance does not have."""
    structure, zones = instance.structure, instance.zones
    designs, modes = _ids(structure.designs), _ids(structure.modes)
    demand = tree.get("demand", {})
    known: list[tuple[Path, Iterable[str], set[str]]] = [
        (("demand", "commodity"), demand.get("commodity", ()), _ids(structure.commodities)),
        (("demand", "city"), demand.get("city", ()), set(zones["city"]) - {""}),
        (("demand", "district"), demand.get("district", ()), set(zones["district"]) - {""}),
        (("demand", "zone"), demand.get("zone", ()), set(zones["id"])),
        (("design_costs",), tree.get("design_costs", ()), designs | {ALL}),
        (("running_costs",), tree.get("running_costs", ()), designs | {ALL}),
        (("transport_costs",), tree.get("transport_costs", ()), modes | {ALL}),
        (("sites",), tree.get("sites", ()), set(instance.sites["id"])),
        (("gateways",), tree.get("gateways", ()), set(instance.gateways["id"])),
        (("land_factor",), tree.get("land_factor", ()), {ALL, *_SCOPES, *_land_limits(instance, policy, tree)}),
    ]
    for path, used, names in known:
        for name in used:
            if name not in names:
                message = f"names {name!r}, which the instance does not have"
                if path == ("land_factor",) and ":" in name:
                    message = f"multiplies the limit on land of {name!r}, which has none"
                yield Misfit((*path, name), message, choose_from(name, names), name)


def _land_limits(instance: Instance, policy: Policy, tree: Tree) -> dict[str, float]:
    """Limits on land by 'scope:id' (ha), before factors."""
    land = instance.land
    keys = (land["scope"] + ":" + land["id"]).tolist() if len(land) else []
    limits = dict(zip(keys, map(float, land["limit_ha"]), strict=True))
    return limits | dict(policy.land_ha) | _numbers(tree.get("policy", {}).get("land_ha", {}))


def _numbers(table: object) -> dict[str, float]:
    items = table.items() if isinstance(table, Mapping) else ()
    return {key: float(value) for key, value in items if isinstance(value, int | float)}


# -- the policy ----------------------------------------------------------------------------------------------------


def _overlaid(old: Any, new: Any, path: Path) -> Any:
    """``new`` laid over ``old``; a table laid over a list of records changes those that it names by their id."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        found = dict(old)
        for key, value in new.items():
            found[key] = _overlaid(old.get(key), value, (*path, key))
        return found
    if isinstance(old, list) and isinstance(new, Mapping):
        ids = [item.get("id") for item in old if isinstance(item, Mapping)]
        if wrong := [key for key in new if key not in ids]:
            mend = choose_from(wrong[0], [str(name) for name in ids])
            raise MisfitError([Misfit((*path, wrong[0]), "names none of the base policy's own", mend, wrong[0])])
        return [
            _overlaid(item, new[item["id"]], (*path, item["id"])) if item.get("id") in new else item for item in old
        ]
    return new


def _validated(content: Mapping[str, Any]) -> Policy:
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        found = []
        for item in error.errors():
            path = ("policy", *(str(step) for step in item["loc"]))
            message, mend = str(item["msg"]), "give a value that fits"
            if item["type"] == "extra_forbidden":
                message = "is no key of this table"
                mend = choose_from(path[-1], fields_at(item["loc"][:-1], Policy), 40)
            value = None if item["type"] == "missing" else item["input"]
            found.append(Misfit(path, message, mend, value))
        raise MisfitError(found) from None


def changed_policy(instance: Instance, policy: Policy, tree: Tree) -> Policy:
    """The policy of a scenario.

    Raises
    ------
    MisfitError
        If a value is of a wrong kind, or a field or phase is unknown.
    """
    content = policy.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    stated = tree.get("policy", {})
    if "phases" in stated and "phases" not in content:
        content["phases"] = []
    content = _overlaid(content, stated, ("policy",))
    changed = _validated(content)
    updates: dict[str, Any] = {}
    demand = tree.get("demand", {})
    if ALL in demand:
        if not changed.demand_factor * demand[ALL] > 0:
            raise MisfitError([Misfit(("demand", ALL), "leaves no demand", "give a factor above 0", demand[ALL])])
        updates["demand_factor"] = changed.demand_factor * demand[ALL]
    if by_commodity := demand.get("commodity"):
        old = dict(changed.demand_factors)
        updates["demand_factors"] = old | {name: old.get(name, 1.0) * by for name, by in by_commodity.items()}
    for branch, stands, field in (
        ("gateways", "closed", "closed_gateways"), ("sites", "open", "force_open"), ("sites", "closed", "force_closed"),
    ):  # fmt: skip
        if members := tree.get(branch):
            kept = [name for name in getattr(changed, field) if name not in members]
            updates[field] = (*kept, *sorted(name for name, how in members.items() if how == stands))
    if factors := tree.get("land_factor"):
        limits = _land_limits(instance, changed, {})
        updates["land_ha"] = dict(changed.land_ha) | {
            key: limit * by for key, limit in limits.items() if (by := _land_factor(factors, key)) is not None
        }
    return changed.model_copy(update=updates)


def _land_factor(factors: Mapping[str, float], key: str) -> float | None:
    """What the limit of 'scope:id' is multiplied by; None if no factor is for it."""
    scope = key.partition(":")[0]
    own = [factors[name] for name in (scope, key) if name in factors]
    if ALL in factors and scope in _COMMON_SCOPES:
        own.append(factors[ALL])
    product = 1.0
    for factor in own:
        product *= factor
    return product if own else None


# -- the instance --------------------------------------------------------------------------------------------------


def instance_tree(tree: Tree, instance: Instance) -> dict[str, Any]:
    """The part of a tree that changes the instance itself; the rest is the policy's."""
    found: dict[str, Any] = {}
    for place in (*_PLACES, "zone"):
        if factors := tree.get("demand", {}).get(place):
            found = merged(found, nested(("demand", place), factors))
    for name in ("design_costs", "running_costs", "transport_costs"):
        if tree.get(name):
            found[name] = tree[name]
    forced = set(instance.sites.loc[instance.sites["forced"] != "", "id"])
    if freed := [site for site, stands in tree.get("sites", {}).items() if stands == "free" and site in forced]:
        found["sites"] = dict.fromkeys(freed, "free")
    return found


def instance_key(tree: Tree, instance: Instance) -> str:
    """Text that two scenarios share if and only if they change the instance alike; "" if not at all."""
    part = instance_tree(tree, instance)
    return json.dumps(part, sort_keys=True) if part else ""


def _grown(instance: Instance, by_place: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Demand with the factors of places; goods that are collected for exchange stay as many as are delivered."""
    demand, zones = instance.demand, instance.zones.set_index("id")
    factor = pd.Series(1.0, index=demand.index)
    for place, factors in by_place.items():
        where = demand["zone"] if place == "zone" else demand["zone"].map(zones[place])
        factor = factor * where.map(lambda name, by=factors: by.get(name, 1.0)).astype(float)
    demand = demand.assign(t_d=demand["t_d"] * factor)
    for item in instance.structure.commodities:
        if item.exchange_with is not None:
            demand = _collected_as_delivered(instance, demand, item.id, item.exchange_with)
    return demand


def _collected_as_delivered(instance: Instance, demand: pd.DataFrame, delivered: str, collected: str) -> pd.DataFrame:
    """Demand in which each group sends what is received from it; without an exchange table, all together do."""
    shares = instance.exchange[instance.exchange["commodity"] == delivered]
    zones = instance.zones.set_index("id")
    group = zones["group"].where(zones["group"] != "", zones["district"])
    own = demand["zone"].map(group) if len(shares) else pd.Series("", index=demand.index)
    received = demand[demand["commodity"] == delivered]
    if len(shares):
        received = received.merge(shares[["zone", "group", "share"]], on="zone")
        received = received.assign(t_d=received["t_d"] * received["share"])
    else:
        received = received.assign(group="")
    wanted = received.groupby(["period", "group"])["t_d"].sum().reset_index()
    amounts = demand["t_d"].copy()
    for period, name, total in wanted.to_numpy().tolist():
        senders = (demand["period"] == period) & (demand["commodity"] == collected) & (own == name)
        there = float(amounts[senders].sum())
        if there > 0:
            amounts[senders] *= float(total) / there
    return demand.assign(t_d=amounts)


def _dearer(items: Iterable[Any], factors: Mapping[str, float], fields: tuple[str, ...]) -> tuple[Any, ...]:
    """Designs or modes with the fields multiplied by the factor of all and their own."""

    def changed(item: Any) -> Any:
        by = factors.get(ALL, 1.0) * factors.get(item.id, 1.0)
        return item if by == 1.0 else item.model_copy(update={name: getattr(item, name) * by for name in fields})

    return tuple(changed(item) for item in items)


def _parameters(instance: Instance, changed: Instance) -> pd.DataFrame:
    """The table of figures with those that have changed."""
    table = instance.parameters
    records: dict[str, dict[str, Any]] = {
        "designs": {item.id: item for item in changed.structure.designs},
        "modes": {item.id: item for item in changed.structure.modes},
    }
    values = []
    for name, value in zip(table["name"], table["value"], strict=True):
        where = address(name) if is_merged(name) else None
        if where is not None and where.path[0] in records and pd.notna(value):
            value = float(getattr(records[where.path[0]][where.record], where.field))
        values.append(value)
    return table.assign(value=values)


def changed_instance(instance: Instance, tree: Tree) -> Instance:
    """The instance of a scenario; ``instance`` itself if nothing in it changes.

    Raises
    ------
    MisfitError
        If the changed instance is not sound.
    """
    part = instance_tree(tree, instance)
    if not part:
        return instance
    structure = instance.structure
    designs = _dearer(structure.designs, part.get("design_costs", {}), _CAPITAL)
    designs = _dearer(designs, part.get("running_costs", {}), _RUNNING)
    modes = _dearer(structure.modes, part.get("transport_costs", {}), _CARRYING)
    changed = replace(instance, structure=structure.model_copy(update={"designs": designs, "modes": modes}))
    changed = changed.with_tables(parameters=_parameters(instance, changed))
    if "demand" in part:
        changed = changed.with_tables(demand=_grown(changed, part["demand"]))
    if "sites" in part:
        sites = changed.sites.copy()
        sites.loc[sites["id"].isin(part["sites"]), "forced"] = ""
        changed = changed.with_tables(sites=sites)
    if problems := validate(changed):
        raise MisfitError(Misfit((), f"{item.file}: {item.message}", item.mend, item.value) for item in problems)
    return changed


# -- both ----------------------------------------------------------------------------------------------------------


class Variations:
    """Changes made to one base case; instances that several scenarios share are made, and digested, once.

    Use :meth:`varied` and :meth:`instance_sha256` with the tree of a scenario.
    """

    def __init__(self, instance: Instance, policy: Policy) -> None:
        self.instance = instance
        self.policy = policy
        self._made: dict[str, Instance] = {"": instance}
        self._digests: dict[str, str] = {}

    def varied(self, tree: Tree) -> Varied:
        """Instance and policy of a scenario.

        Raises
        ------
        MisfitError
            With everything that does not fit.
        """
        wrong = list(unknown(tree, self.instance, self.policy))
        instance, policy = self.instance, None
        if not wrong:
            key = instance_key(tree, self.instance)
            if key not in self._made:
                self._made[key] = changed_instance(self.instance, tree)
            instance = self._made[key]
        try:
            policy = changed_policy(instance, self.policy, tree)
        except MisfitError as error:
            wrong += error.misfits
        if policy is not None:
            said = {item.value for item in wrong}
            wrong += [_in_tree(problem) for problem in misfits(instance, policy) if problem.value not in said]
        if wrong or policy is None:
            raise MisfitError(wrong)
        return Varied(instance, policy)

    def instance_sha256(self, tree: Tree) -> str:
        """Digest of the instance of a scenario."""
        key = instance_key(tree, self.instance)
        if key not in self._digests:
            self._digests[key] = sha256(self._made[key])
        return self._digests[key]


_BRANCHES = {"force_open": ("sites",), "force_closed": ("sites",), "closed_gateways": ("gateways",)}


def _in_tree(problem: Problem) -> Misfit:
    """A misfit of a policy, placed where the tree has what the policy got from it."""
    steps = tuple((problem.column or "").split("."))
    return Misfit(_BRANCHES.get(steps[0], ("policy", *steps)), problem.message, problem.mend, problem.value)
