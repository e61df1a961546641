"""What is to be solved: types, schema, policy, reading, writing, validation and digest of an instance."""

from hubopt.instance.digest import sha256
from hubopt.instance.doubts import doubts
from hubopt.instance.effective import apply
from hubopt.instance.errors import InputError, InputWarning, Problem
from hubopt.instance.frames import frame, rows
from hubopt.instance.policy import COST_PARTS, CostPart, Phase, Policy, Switch, policy_toml, read_policy
from hubopt.instance.read import read_instance
from hubopt.instance.schema import TABLES
from hubopt.instance.types import (
    LEVELS,
    Commodity,
    Design,
    Direction,
    HubType,
    Info,
    Instance,
    Level,
    LevelRule,
    Mode,
    Period,
    Presence,
    Requirement,
    Resilience,
    Service,
    ServiceLimit,
    ServiceTarget,
    Source,
    Structure,
)
from hubopt.instance.validate import validate
from hubopt.instance.write import write_instance

__all__ = [
    "COST_PARTS",
    "LEVELS",
    "TABLES",
    "Commodity",
    "CostPart",
    "Design",
    "Direction",
    "HubType",
    "Info",
    "InputError",
    "InputWarning",
    "Instance",
    "Level",
    "LevelRule",
    "Mode",
    "Period",
    "Phase",
    "Policy",
    "Presence",
    "Problem",
    "Requirement",
    "Resilience",
    "Service",
    "ServiceLimit",
    "ServiceTarget",
    "Source",
    "Structure",
    "Switch",
    "apply",
    "doubts",
    "frame",
    "policy_toml",
    "read_instance",
    "read_policy",
    "rows",
    "sha256",
    "validate",
    "write_instance",
]
