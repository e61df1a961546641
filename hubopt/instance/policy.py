"""The policy: which requirements hold, how tight, and what the objective weighs; one TOML file.

A policy never adds data of its own to the solve: :func:`hubopt.instance.apply` turns an instance and a policy into the
*effective* instance (periods, forced sites, counts, limits and targets changed); switches, caps and weights travel
beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import tomli_w
from pydantic import Field, ValidationError

from hubopt.instance.errors import InputError, problems_of
from hubopt.instance.trees import read_toml
from hubopt.instance.types import Identifier, Level, NotNegative, Record

Switch = Literal[
    "single_sourcing", "requirements", "land", "service_limits", "service_targets", "gateway_capacity",
    "gateway_shares", "hub_types", "level_counts", "presence", "forced_sites", "existing_must_stay", "stock",
    "utilisation", "concentration", "mode_capacity", "exchange", "capital_budget", "carbon_cap", "cost_cap",
    "unmet_cap", "resilience",
]  # fmt: skip
"""Families of requirements that a policy may switch off (flow balance, capacity and open-before-use always hold)."""

CostPart = Literal[
    "capital", "land", "running", "handling", "transport", "empty", "beyond", "border", "carbon", "closure", "unmet"
]  # fmt: skip
"""The parts of the yearly cost, in the order of tables and charts."""

COST_PARTS: tuple[CostPart, ...] = (
    "capital", "land", "running", "handling", "transport", "empty", "beyond", "border", "carbon", "closure", "unmet",
)  # fmt: skip


class Count(Record):
    """Bounds on a number of open sites."""

    min_open: int | None = Field(
        default=None, ge=0, description="sites that must be open", json_schema_extra={"unit": "sites"}
    )
    max_open: int | None = Field(
        default=None, ge=0, description="sites that may be open", json_schema_extra={"unit": "sites"}
    )


Share = Annotated[float, Field(ge=0, le=1)]


class LevelChange(Count):
    """Changed rules of one level."""

    min_utilisation: Share | None = Field(
        default=None, description="least throughput over capacity", json_schema_extra={"unit": "-"}
    )
    max_site_share: Share | None = Field(
        default=None, description="largest share of one site", json_schema_extra={"unit": "-"}
    )
    max_operator_share: Share | None = Field(
        default=None, description="largest share of one operator", json_schema_extra={"unit": "-"}
    )


class ResilienceChange(Record):
    """Changed floors of what is served when something is out."""

    hub_outage_share: Share | None = Field(
        default=None, description="least share served when any one hub is out", json_schema_extra={"unit": "-"}
    )
    gateway_outage_share: Share | None = Field(
        default=None, description="least share served when any one gateway is out", json_schema_extra={"unit": "-"}
    )


class Phase(Record):
    """One of the policy's own planning periods; its demand is that of the instance's last period, grown."""

    id: Identifier
    year: int | None = Field(default=None, description="first calendar year", ge=1900, le=2200)
    years: float = Field(default=1, gt=0, description="years covered", json_schema_extra={"unit": "years"})
    demand_factor: float = Field(
        default=1, ge=0, description="demand over that of the instance", json_schema_extra={"unit": "-"}
    )
    demand_factors: Mapping[str, NotNegative] = Field(
        default_factory=dict,
        description="the same for single commodities, in place of demand_factor",
        json_schema_extra={"unit": "-"},
    )
    gateway_factor: float = Field(
        default=1, ge=0, description="gateway capacities over those of the instance", json_schema_extra={"unit": "-"}
    )
    capital_budget_cny: float | None = Field(
        default=None, ge=0, description="most that may be invested", json_schema_extra={"unit": "CNY"}
    )
    carbon_cap_t_year: float | None = Field(
        default=None, ge=0, description="most that may be emitted in a year", json_schema_extra={"unit": "t CO2e/year"}
    )
    target_shares: Mapping[str, Share] = Field(
        default_factory=dict,
        description="shares of service targets in this phase, by target id",
        json_schema_extra={"unit": "-"},
    )


class LimitChange(Record):
    """A changed hard limit of one leg."""

    max_km: float | None = Field(
        default=None, gt=0, description="longest driven distance", json_schema_extra={"unit": "km"}
    )
    max_minutes: float | None = Field(
        default=None, gt=0, description="longest driving time", json_schema_extra={"unit": "min"}
    )


class TargetChange(Record):
    """A changed service target; ``share = 0`` switches it off."""

    limit: float | None = Field(
        default=None, gt=0, description="in the target's own unit", json_schema_extra={"unit": "km or min"}
    )
    share: float | None = Field(
        default=None, ge=0, le=1, description="least share of demand within the limit", json_schema_extra={"unit": "-"}
    )


class Charges(Record):
    """Prices, in the objective, of what a plan is at worst; they are no cost part and are not discounted."""

    land_cny_ha_year: float = Field(
        default=0,
        ge=0,
        description="on the land of the period that uses most",
        json_schema_extra={"unit": "CNY/ha/year"},
    )
    carbon_cny_t: float = Field(
        default=0,
        ge=0,
        description="on the emission of the period that emits most, beside the carbon price",
        json_schema_extra={"unit": "CNY/t CO2e"},
    )
    missed_cny_year: float = Field(
        default=0,
        ge=0,
        description="on missing the service target that is missed most: the price of missing it for all demand",
        json_schema_extra={"unit": "CNY/year"},
    )
    targets: tuple[str, ...] = Field(
        default=(),
        description="service targets that missed_cny_year looks at; all that ask for a share if none is given",
    )
    outage_cny_year: float = Field(
        default=0,
        ge=0,
        description="on what the worst outage of those with a floor leaves unserved: the price of serving nothing then",
        json_schema_extra={"unit": "CNY/year"},
    )


_FEW = 3
"""Items of a list that the representation of a policy shows; of longer ones it tells how many there are."""


def _shown(value: object) -> str:
    """A value of a policy in few words."""
    if isinstance(value, tuple | Mapping):
        text = f"{len(value)} of them" if len(value) > _FEW else ", ".join(map(str, value))
        return f"[{text}]"
    return "..." if isinstance(value, Record) else repr(value)


class Policy(Record):
    """What a run asks of the network beyond the instance's own standards."""

    name_en: str = Field(default="As the instance stands", description="name in English")
    name_zh: str = Field(default="按算例设定", description="name in Chinese")
    description: str = Field(default="", description="what the policy is for")
    off: tuple[Switch, ...] = Field(default=(), description="families of requirements that are switched off")
    force_open: tuple[str, ...] = Field(default=(), description="sites that must be open")
    force_closed: tuple[str, ...] = Field(default=(), description="sites that must not be open")
    closed_gateways: tuple[str, ...] = Field(
        default=(), description="gateways that carry nothing; the largest shares of others grow where they have to"
    )
    phases: tuple[Phase, ...] = Field(
        default=(), description="planning periods in place of the instance's; weights follow from its discount rate"
    )
    allow_closing: bool = Field(
        default=False, description="whether what is opened may close in a later period (existing stock: may_close)"
    )
    levels: Mapping[Level, LevelChange] = Field(default_factory=dict, description="rules per level")
    presence: Mapping[str, Count] = Field(default_factory=dict, description="counts per presence rule")
    resilience: ResilienceChange = Field(default=ResilienceChange(), description="floors when something is out")
    hub_types: Mapping[str, Count] = Field(default_factory=dict, description="counts per hub type")
    limits: Mapping[str, LimitChange] = Field(default_factory=dict, description="hard limits by leg")
    targets: Mapping[str, TargetChange] = Field(default_factory=dict, description="service targets by id")
    land_ha: Mapping[str, NotNegative] = Field(
        default_factory=dict,
        description="limits on land by 'scope:id', e.g. 'district:Yantian', 'total:total'",
        json_schema_extra={"unit": "ha"},
    )
    mode_capacity_t_d: Mapping[str, NotNegative] = Field(
        default_factory=dict,
        description="what a mode can carry in the whole network, by its id",
        json_schema_extra={"unit": "t/d"},
    )
    capital_budget_cny: float | None = Field(
        default=None,
        ge=0,
        description="most that may be invested in a period without a budget of its own (not annualised)",
        json_schema_extra={"unit": "CNY"},
    )
    carbon_cap_t_year: float | None = Field(
        default=None,
        ge=0,
        description="most that may be emitted in a year of a period without a cap of its own",
        json_schema_extra={"unit": "t CO2e/year"},
    )
    cost_cap_cny_year: float | None = Field(
        default=None,
        ge=0,
        description="most that all cost parts together may be, over the periods with their weights",
        json_schema_extra={"unit": "CNY/year"},
    )
    unmet_share_max: Share | None = Field(
        default=None,
        description="largest share of a period's demand left unmet, all commodities together",
        json_schema_extra={"unit": "-"},
    )
    stock_share_min: Share | None = Field(
        default=None,
        description="least share of today's floor area that stays in use, kept or converted",
        json_schema_extra={"unit": "-"},
    )
    land_charge_cny_ha_year: float = Field(
        default=0,
        ge=0,
        description="charge on land in the objective beside its price; no cost part",
        json_schema_extra={"unit": "CNY/ha/year"},
    )
    charges: Charges = Field(
        default=Charges(), description="prices of what a plan is at worst, in the objective beside the cost"
    )
    demand_factor: float = Field(
        default=1.0,
        gt=0,
        description="all demand is multiplied by this",
        json_schema_extra={"unit": "-"},
    )
    demand_factors: Mapping[str, NotNegative] = Field(
        default_factory=dict,
        description="the same for single commodities, on top of demand_factor",
        json_schema_extra={"unit": "-"},
    )
    unmet_factor: float = Field(
        default=1.0,
        gt=0,
        description="all unmet penalties are multiplied by this",
        json_schema_extra={"unit": "-"},
    )
    carbon_price_cny_t: float | None = Field(
        default=None,
        ge=0,
        description="replaces the instance's carbon price",
        json_schema_extra={"unit": "CNY/t CO2e"},
    )
    weights: Mapping[CostPart, NotNegative] = Field(
        default_factory=dict,
        description="weight of a cost part in the objective; 1 where none is given",
        json_schema_extra={"unit": "-"},
    )

    def __repr__(self) -> str:
        """Its name and what it sets; long lists and tables by their length."""
        found = [f"{name}={_shown(getattr(self, name))}" for name in type(self).model_fields if self._says(name)]
        return f"Policy({', '.join([repr(self.name_en), *found])})"

    def __str__(self) -> str:
        return repr(self)

    def _says(self, name: str) -> bool:
        """Whether a field that no name or description is differs from its default."""
        default = type(self).model_fields[name].get_default(call_default_factory=True)
        return name not in ("name_en", "name_zh", "description") and getattr(self, name) != default

    def holds(self, family: Switch) -> bool:
        """Whether the family of requirements is in force."""
        return family not in self.off

    def weight(self, part: CostPart) -> float:
        """Weight of a cost part in the objective (dimensionless, default 1)."""
        return self.weights.get(part, 1.0)


def read_policy(path: Path) -> Policy:
    """Read a policy file; raises :class:`InputError` with every mistake in it."""
    content = read_toml(path, "a policy TOML file")
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, path.name)) from None


def policy_toml(policy: Policy) -> str:
    """Text of a policy file: what ``policy`` sets, defaults left out (but for the names)."""
    content = policy.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return tomli_w.dumps({"name_en": policy.name_en, "name_zh": policy.name_zh, **content})
