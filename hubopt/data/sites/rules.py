"""The rules of land suitability: what excludes land, what makes it good, and what may be built on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

CRITERIA = ("expressway", "gateway", "rail_quay", "demand", "stock", "land_price")
"""Criteria of suitability; see :class:`Scale` and :data:`SCALES`."""

LEVELS = ("hub", "utc", "station")

Level = Literal["hub", "utc", "station"]


class Part(BaseModel):
    """Base of the parts; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Scale(Part):
    """A criterion's value that earns nothing and the one that earns all 100 points; between them a straight line."""

    worst: float
    best: float

    @model_validator(mode="after")
    def _apart(self) -> Scale:
        if self.worst == self.best:
            raise ValueError("worst and best must differ")
        return self


UNITS = {
    "expressway": "km",
    "gateway": "min",
    "rail_quay": "km",
    "demand": "t/d",
    "stock": "ha",
    "land_price": "CNY/m2",
}
SCALES = {
    "expressway": Scale(worst=10, best=0.5),
    "gateway": Scale(worst=60, best=10),
    "rail_quay": Scale(worst=20, best=0.5),
    "demand": Scale(worst=0, best=2000),
    "stock": Scale(worst=0, best=40),
    "land_price": Scale(worst=9000, best=800),
}
"""Scales that a recipe may replace (all are assumptions): straight km to the nearest expressway junction, minutes to
the nearest gateway, straight km to the nearest rail yard or quay, t/d of demand within reach, hectares of industrial
and warehouse land around, price of land."""

WEIGHTS: Mapping[str, float] = {
    "expressway": 0.25, "gateway": 0.2, "rail_quay": 0.1, "demand": 0.25, "stock": 0.1, "land_price": 0.1,
}  # fmt: skip


class LandRules(Part):
    """What excludes land, and how the rest is scored. Every default is an assumption to be set by the planner."""

    least_ha: Mapping[Level, float] = Field(
        default={"hub": 4.0, "utc": 1.0, "station": 0.15}, description="land that a level needs at least (ha)"
    )
    most_ha: Mapping[Level, float] = Field(
        default={"hub": 40.0, "utc": 6.0, "station": 1.0}, description="land that a level can use at most (ha)"
    )
    usable_share: Mapping[str, float] = Field(
        default={"industrial": 0.25, "warehouse": 1.0, "port": 0.3, "rail": 0.3, "airport": 0.3, "commercial": 0.1,
                 "generated": 1.0},
        description="share of a polygon that can be had for logistics, by kind; a stated land_ha counts in full",
    )  # fmt: skip
    truck_m: float = Field(default=300, gt=0, description="a road that trucks may use lies this near (m)")
    homes_m: Mapping[Level, float] = Field(
        default={"hub": 150.0}, description="least distance to homes by level (m); levels not named have none"
    )
    homes_per_km2: float = Field(
        default=25_000, gt=0, description="where homes are not mapped: residents per km2 around that count as homes"
    )
    water_share: float = Field(default=0.2, ge=0, le=1, description="share of the land that may be water")
    protected_share: float = Field(default=0.05, ge=0, le=1, description="share that may be protected or ecological")
    demand_km: float = Field(default=8, gt=0, description="straight distance within which demand counts")
    stock_km: float = Field(default=2, gt=0, description="straight distance within which existing stock counts")
    bonded_km: float = Field(
        default=8, gt=0, description="bonded designs only this near a port, airport, border or overseas gateway"
    )
    scales: Mapping[str, Scale] = Field(default=SCALES, description="scale of each criterion")
    weights: Mapping[str, float] = Field(default=WEIGHTS, description="weight of each criterion")
    level_weights: Mapping[Level, Mapping[str, float]] = Field(
        default={}, description="weights that differ for a level"
    )

    @model_validator(mode="after")
    def _known(self) -> LandRules:
        for name in [*self.scales, *self.weights, *(key for own in self.level_weights.values() for key in own)]:
            if name not in CRITERIA:
                raise ValueError(f"no criterion is called {name}; there are {', '.join(CRITERIA)}")
        for weights in (self.weights, *self.level_weights.values()):
            if not weights or min(weights.values()) < 0 or sum(weights.values()) <= 0:
                raise ValueError("weights must be at least 0 and not all 0")
        if missing := [name for name in LEVELS if name not in self.least_ha or name not in self.most_ha]:
            raise ValueError(f"least_ha and most_ha need a figure for {', '.join(missing)}")
        return self

    def weights_of(self, level: str) -> Mapping[str, float]:
        """Weights of a level, scaled to add up to 1."""
        chosen = {str(key): value for key, value in self.level_weights.items()}.get(level, self.weights)
        total = sum(chosen.values())
        return {name: chosen.get(name, 0.0) / total for name in CRITERIA}

    def scale_of(self, criterion: str) -> Scale:
        """Scale of a criterion: the recipe's, else the usual one."""
        return self.scales.get(criterion, SCALES[criterion])
