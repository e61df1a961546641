"""Changes of cases: tighter or looser by one requirement, or the requirement gone from the instance altogether."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hubopt.instance import Instance, Policy
from hubopt.instance.policy import Switch
from hubopt.instance.types import Resilience

Case = tuple[Instance, Policy]
Change = Callable[[Instance, Policy], Case]


def with_structure(instance: Instance, **parts: Any) -> Instance:
    """The instance with parts of its structure replaced."""
    return replace(instance, structure=instance.structure.model_copy(update=parts))


def of_structure(part: str, change: Callable[[Any], Mapping[str, Any]]) -> Change:
    """What ``change`` says of every record of a part of the structure."""

    def changed(instance: Instance, policy: Policy) -> Case:
        records = getattr(instance.structure, part)
        if isinstance(records, Mapping):
            new: Any = {key: item.model_copy(update=dict(change(item))) for key, item in records.items()}
        else:
            new = tuple(item.model_copy(update=dict(change(item))) for item in records)
        return with_structure(instance, **{part: new}), policy

    return changed


def of_targets(change: Callable[[Any], Mapping[str, Any]]) -> Change:
    """The same of service targets."""

    def changed(instance: Instance, policy: Policy) -> Case:
        service = instance.structure.service
        targets = tuple(item.model_copy(update=dict(change(item))) for item in service.targets)
        return with_structure(instance, service=service.model_copy(update={"targets": targets})), policy

    return changed


def of_service(**parts: Any) -> Change:
    """Parts of the service replaced."""

    def changed(instance: Instance, policy: Policy) -> Case:
        service = instance.structure.service.model_copy(update=parts)
        return with_structure(instance, service=service), policy

    return changed


def of_column(table: str, column: str, change: Callable[[Any], Any]) -> Change:
    """A column of a table."""

    def changed(instance: Instance, policy: Policy) -> Case:
        frame = instance.table(table).copy()
        frame[column] = frame[column].map(change).astype(frame[column].dtype)
        return instance.with_tables(**{table: frame}), policy

    return changed


def of_policy(**asked: Any) -> Change:
    """Fields of the policy replaced; functions get the present value."""

    def changed(instance: Instance, policy: Policy) -> Case:
        new = {key: value(getattr(policy, key)) if callable(value) else value for key, value in asked.items()}
        return instance, policy.model_copy(update=new)

    return changed


def both(*changes: Change) -> Change:
    """One change after the other."""

    def changed(instance: Instance, policy: Policy) -> Case:
        for change in changes:
            instance, policy = change(instance, policy)
        return instance, policy

    return changed


def smaller(limit: float | None, otherwise: float, factor: float = 0.7) -> float:
    """A tighter limit than there is, or a first one."""
    return otherwise if limit is None or limit != limit else limit * factor


TIGHTER: dict[str, Change] = {
    "capital budgets": of_structure(
        "periods", lambda x: {"capital_budget_cny": smaller(x.capital_budget_cny, 120)}
    ),
    "caps on carbon": of_structure("periods", lambda x: {"carbon_cap_t_year": smaller(x.carbon_cap_t_year, 0.06)}),
    "gateways that shrink": of_structure("periods", lambda x: {"gateway_factor": x.gateway_factor * 0.4}),
    "smaller gateways": of_column("gateways", "capacity_t_d", lambda x: smaller(x, 9, 0.5)),
    "least shares of gateways": of_column("admissions", "min_share", lambda x: max(x, 0.3)),
    "a limited railway": of_policy(mode_capacity_t_d=lambda x: {"rail": 0.5 * x.get("rail", 4)}),
    "less land": of_column("sites", "land_ha", lambda x: min(x, 1e-4)),
    "less floor area": of_column("sites", "max_far", lambda x: smaller(x, 0.5)),
    "smaller designs": of_structure("designs", lambda x: {"max_modules": 1}),
    "slower modules": of_structure("designs", lambda x: {"throughput_t_d": 0.8 * x.throughput_t_d}),
    "less cold room": of_structure("designs", lambda x: {"cold_t_d": 0.3 * x.cold_t_d}),
    "no conversions": of_structure("designs", lambda x: {"converts_from": ()}),
    "longer conversions": of_structure("designs", lambda x: {"conversion_months": x.conversion_months + 6}),
    "largest share of a site": of_structure("levels", lambda x: {"max_site_share": min(x.max_site_share, 0.6)}),
    "largest share of an operator": of_structure(
        "levels", lambda x: {"max_operator_share": min(x.max_operator_share, 0.6)}
    ),
    "least utilisation": of_structure("levels", lambda x: {"min_utilisation": max(x.min_utilisation, 0.9)}),
    "two hubs and centres": of_structure("levels", lambda x: {"min_open": 2}),
    "one hub and centre": of_structure("levels", lambda x: {"max_open": 1}),
    "presence": lambda i, p: (
        with_structure(
            i, presence=tuple(x.model_copy(update={"min_open": x.min_open + 1}) for x in i.structure.presence)
        ),
        p,
    ),
    "when a hub is out": lambda i, p: (
        with_structure(i, resilience=Resilience(hub_outage_share=0.7, gateway_outage_share=0.3)), p,
    ),
    "when a gateway is out": lambda i, p: (with_structure(
        i, resilience=Resilience(hub_outage_share=0.5, gateway_outage_share=0.6)), p,
    ),
    "shares of targets": both(
        of_targets(lambda x: {"share": min(1, x.share + 0.3)}),
        of_structure("periods", lambda x: {"target_shares": {k: min(1, v + 0.3) for k, v in x.target_shares.items()}}),
    ),
    "budgets of minutes": of_targets(
        lambda x: {"budget_minutes": {leg: 0.7 * minutes for leg, minutes in x.budget_minutes.items()}}
    ),
    "single sources": of_service(single_sourcing=("hub-utc", "utc-zone")),
    "the stock": of_policy(stock_share_min=lambda x: 1.0),
    "all is carried": of_policy(unmet_share_max=lambda x: 0.0),
    "nothing closes": both(of_policy(allow_closing=False), of_column("existing", "may_close", lambda x: False)),
    "u2 closed": of_policy(force_closed=("u2",)),
    "u2 open": of_policy(force_open=("u2",)),
    "g1 closed": of_policy(closed_gateways=("g1",)),
}  # fmt: skip
"""None of these can make a plan cheaper."""

REMOVED: dict[Switch, Change] = {
    "single_sourcing": of_service(single_sourcing=()),
    "requirements": of_structure("commodities", lambda x: {"requirement": "ambient"}),
    "land": lambda i, p: (i.with_tables(land=i.land.iloc[:0]), p),
    "service_limits": of_service(limits=()),
    "service_targets": of_service(targets=()),
    "gateway_capacity": of_column("gateways", "capacity_t_d", lambda x: float("nan")),
    "gateway_shares": both(
        of_column("admissions", "min_share", lambda x: 0.0), of_column("admissions", "max_share", lambda x: 1.0)
    ),
    "hub_types": lambda i, p: (with_structure(i, hub_types=()), p),
    "level_counts": of_structure("levels", lambda x: {"min_open": 0, "max_open": None}),
    "presence": lambda i, p: (with_structure(i, presence=()), p),
    "forced_sites": of_column("sites", "forced", lambda x: ""),
    "existing_must_stay": of_column("existing", "may_close", lambda x: True),
    "stock": of_policy(stock_share_min=None),
    "utilisation": of_structure("levels", lambda x: {"min_utilisation": 0.0}),
    "concentration": of_structure("levels", lambda x: {"max_site_share": 1.0, "max_operator_share": 1.0}),
    "mode_capacity": both(
        of_policy(mode_capacity_t_d={}),
        of_structure("modes", lambda x: {"capacity_t_d": None}),
        lambda i, p: (i.with_tables(terminals=i.terminals.iloc[:0]), p),
    ),
    "exchange": of_structure("commodities", lambda x: {"exchange_with": None}),
    "capital_budget": both(
        of_policy(capital_budget_cny=None), of_structure("periods", lambda x: {"capital_budget_cny": None})
    ),
    "carbon_cap": both(
        of_policy(carbon_cap_t_year=None), of_structure("periods", lambda x: {"carbon_cap_t_year": None})
    ),
    "cost_cap": of_policy(cost_cap_cny_year=None),
    "unmet_cap": of_policy(unmet_share_max=None),
    "resilience": lambda i, p: (with_structure(i, resilience=Resilience()), p),
}
"""Every family of requirements, taken out of the instance and the policy's figures."""
