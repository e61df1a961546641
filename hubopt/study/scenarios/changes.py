"""What a scenario changes, as a study file states it, and as the plain tree that inheritance and distance work on.

A statement names only what differs. Its *tree* says the same in one way only: fields of the policy under ``policy``,
forced and freed sites under ``sites``, closed and opened gateways under ``gateways``, factors under ``demand``,
``land_factor``, ``design_costs``, ``running_costs`` and ``transport_costs``. A scenario's tree is its parent's with its
own laid over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from hubopt.instance.policy import LimitChange, Policy, TargetChange
from hubopt.instance.types import NotNegative, Record

Tree = Mapping[str, Any]
Path = tuple[str, ...]

ALL = "all"
"""Key of a factor that holds for everything of its kind; factors of single ones come on top of it."""

FACTORS = ("demand", "land_factor", "design_costs", "running_costs", "transport_costs")
"""Branches of a tree whose leaves are factors, which are 1 where none is stated."""

LISTS = {
    "force_open": ("sites", "open"),
    "force_closed": ("sites", "closed"),
    "free_sites": ("sites", "free"),
    "closed_gateways": ("gateways", "closed"),
    "open_gateways": ("gateways", "open"),
}
"""Lists of a statement: the branch of the tree that its members stand in, and how they stand there."""

_STEP = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([^."\']+))\s*(?:\.|$)')


def _as_in_policy(name: str) -> Any:
    """A field of the policy as it stands there: its range, unit and meaning are said in one place."""
    return Policy.model_fields[name]


class DemandChange(Record):
    """Factors of demand; those that meet in a row are multiplied with each other."""

    all: NotNegative | None = Field(default=None, description="factor of all demand", json_schema_extra={"unit": "-"})
    commodity: Mapping[str, NotNegative] = Field(
        default_factory=dict, description="factors by commodity", json_schema_extra={"unit": "-"}
    )
    city: Mapping[str, NotNegative] = Field(
        default_factory=dict, description="factors by the city of a zone", json_schema_extra={"unit": "-"}
    )
    district: Mapping[str, NotNegative] = Field(
        default_factory=dict, description="factors by the district of a zone", json_schema_extra={"unit": "-"}
    )
    zone: Mapping[str, NotNegative] = Field(
        default_factory=dict, description="factors by zone", json_schema_extra={"unit": "-"}
    )


class Changes(Record):
    """What differs from the base instance and policy, or from the scenario that this one is based on."""

    demand: DemandChange = Field(default=DemandChange(), description="growth of demand, see `demand`")
    land_ha: Mapping[str, NotNegative] = _as_in_policy("land_ha")
    land_factor: Mapping[str, NotNegative] = Field(
        default_factory=dict,
        description="factors of the limits on land: by 'scope:id', by scope (city, district, total, parcel), "
        "or 'all' for all but parcels; those that meet are multiplied",
        json_schema_extra={"unit": "-"},
    )
    carbon_price_cny_t: float | None = _as_in_policy("carbon_price_cny_t")
    carbon_cap_t_year: float | None = _as_in_policy("carbon_cap_t_year")
    closed_gateways: tuple[str, ...] = _as_in_policy("closed_gateways")
    open_gateways: tuple[str, ...] = Field(default=(), description="gateways that are not closed after all")
    force_open: tuple[str, ...] = _as_in_policy("force_open")
    force_closed: tuple[str, ...] = _as_in_policy("force_closed")
    free_sites: tuple[str, ...] = Field(default=(), description="sites that are not forced after all")
    limits: Mapping[str, LimitChange] = _as_in_policy("limits")
    targets: Mapping[str, TargetChange] = _as_in_policy("targets")
    design_costs: Mapping[str, NotNegative] = Field(
        default_factory=dict,
        description="factors of capital and conversion cost by design, or 'all'",
        json_schema_extra={"unit": "-"},
    )
    running_costs: Mapping[str, NotNegative] = Field(
        default_factory=dict,
        description="factors of running and handling cost by design, or 'all'",
        json_schema_extra={"unit": "-"},
    )
    transport_costs: Mapping[str, NotNegative] = Field(
        default_factory=dict,
        description="factors of the cost of carrying by mode, or 'all'",
        json_schema_extra={"unit": "-"},
    )
    policy: Mapping[str, Any] = Field(
        default_factory=dict,
        description="any field of the policy, as a table or by dotted path ('levels.utc.max_open'); phases by their id",
    )
    unset: tuple[str, ...] = Field(
        default=(), description="inherited changes, by dotted path, that do not hold here, such as 'carbon_cap_t_year'"
    )


_OF_POLICY = tuple(name for name in Changes.model_fields if name in Policy.model_fields and name not in LISTS)
"""Fields of a statement that are fields of the policy under their own name."""


def steps(path: str) -> Path:
    """The steps of a dotted path; a step in quotes may have dots of its own.

    Raises
    ------
    ValueError
        If a step is empty or a quote is not closed.
    """
    found: list[str] = []
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise ValueError(path)
        text = next(part for part in step.groups() if part is not None).strip()
        if not text:
            raise ValueError(path)
        found.append(text)
        at = step.end()
    if not found or path.rstrip().endswith("."):
        raise ValueError(path)
    return tuple(found)


def dotted(path: Sequence[str]) -> str:
    """A path as it is written: steps with dots of their own in quotes."""
    return ".".join(f'"{step}"' if "." in step or not step else step for step in path)


def nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    """A tree with a single leaf."""
    tree = value
    for step in reversed(path):
        tree = {step: tree}
    assert isinstance(tree, dict)
    return tree


def merged(below: Tree, above: Tree) -> dict[str, Any]:
    """``below`` with the leaves of ``above`` in place of its own."""
    found = dict(below)
    for key, value in above.items():
        old = found.get(key)
        found[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return found


def leaves(tree: Tree, above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf with its path, in the order of the paths; empty branches have none."""
    for key in sorted(tree):
        value = tree[key]
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def told_leaves(tree: Tree) -> Iterator[tuple[Path, Any]]:
    """Every leaf as it is told: of a list of tables with ids, such as phases, each leaf of each by its id."""
    for path, value in leaves(tree):
        tables = value if isinstance(value, list | tuple) else ()
        if tables and all(isinstance(item, Mapping) and "id" in item for item in tables):
            for item in tables:
                own = {key: inner for key, inner in item.items() if key != "id"}
                yield from leaves(own, (*path, str(item["id"])))
        else:
            yield path, value


def policy_tree(stated: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """The ``policy`` of a statement with dotted keys taken apart; ``fields`` are those of a policy.

    Raises
    ------
    ValueError
        If a path cannot be read.
    """
    tree: dict[str, Any] = {}
    for key, value in stated.items():
        path = (key,) if key in fields else steps(key)
        tree = merged(tree, nested(path, value))
    return tree


def tree_of(changes: Changes, fields: Sequence[str]) -> dict[str, Any]:
    """The tree of a statement, without what it unsets; ``fields`` are those of a policy.

    Raises
    ------
    ValueError
        If a path in ``policy`` cannot be read.
    """
    content = changes.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    tree: dict[str, Any] = {name: content[name] for name in FACTORS if content.get(name)}
    own = {name: content[name] for name in _OF_POLICY if name in content}
    policy = merged(own, policy_tree(changes.policy, fields))
    if policy:
        tree["policy"] = policy
    for name, (branch, stands) in LISTS.items():
        for member in getattr(changes, name):
            tree.setdefault(branch, {})[member] = stands
    return tree


def contradictions(changes: Changes) -> Iterator[tuple[str, str]]:
    """(list, member) of what one statement puts into two lists that exclude each other."""
    seen: dict[tuple[str, str], str] = {}
    for name, (branch, stands) in LISTS.items():
        for member in getattr(changes, name):
            if seen.setdefault((branch, member), stands) != stands:
                yield name, member


def place_in_tree(path: Sequence[str]) -> Path:
    """Where a change that a study file calls ``path`` stands in a tree."""
    return ("policy", *path) if path[0] in _OF_POLICY else tuple(path)


def place_in_file(path: Sequence[str]) -> Path:
    """How a study file calls what stands at ``path`` in a tree."""
    return tuple(path[1:]) if path[0] == "policy" and len(path) > 1 and path[1] in _OF_POLICY else tuple(path)


def without(tree: Tree, path: Sequence[str]) -> dict[str, Any] | None:
    """The tree without the leaf or branch at ``path``; None if it has none there."""
    first, *rest = path
    if first not in tree:
        return None
    if not rest:
        return {key: value for key, value in tree.items() if key != first}
    inner = tree[first]
    smaller = without(inner, rest) if isinstance(inner, Mapping) else None
    return None if smaller is None else {**tree, first: smaller}
