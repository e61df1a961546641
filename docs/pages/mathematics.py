"""Page on the model: every set, parameter, variable and constraint with algebra and units, from the docstrings."""

from __future__ import annotations

import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import hubopt.model
from docs.pages.markdown import MADE, first_sentence, md_table, plain
from docs.pages.notation import EXPRESSIONS, FLOW, INDICES, PARAMETERS, SETS, SHORT
from hubopt.model import CONSTRAINTS, PARTS, Network

_UNITS = ("flow units per module", "flow units", "kg CO2e/t", "CNY/t", "ha", "dimensionless")


@dataclass(frozen=True)
class Variable:
    """A row of the table of variables that ``add_..._variables`` documents."""

    name: str
    index: str
    domain: str
    unit: str
    module: str


def _adders() -> Iterator[Callable[..., Any]]:
    """The functions of the model that add variables, by module."""
    for found in pkgutil.iter_modules(hubopt.model.__path__):
        module = import_module(f"hubopt.model.{found.name}")
        for name, function in vars(module).items():
            own = getattr(function, "__module__", "") == module.__name__
            if own and re.fullmatch(r"add_(\w+_)?variables", name):
                yield function


def variables() -> list[Variable]:
    """All variables: rows of tables in the docstrings, or names with their index in a sentence."""
    found = []
    for function in sorted(_adders(), key=lambda function: (function.__name__ != "add_variables", function.__module__)):
        text = inspect.cleandoc(function.__doc__ or "")
        module = function.__module__.replace(".", "/") + ".py"
        rows = re.findall(r"^``(\w+)``\s{2,}(\S.*?)\s{2,}(\S.*?)\s{2,}(\S.*?)\s*$", text, flags=re.M)
        if not rows:  # a sentence such as: Add ``x`` (site, period), in [0, 1].
            rows = [(name, index, "0 to 1", "-") for name, index in re.findall(r"``(\w+)`` \(([^)]*)\)", text)]
        found += [Variable(name, index, domain, unit, module) for name, index, domain, unit in rows]
    return found


def _module_title(function: Callable[..., Any]) -> str:
    module = sys.modules[function.__module__]
    return inspect.cleandoc(module.__doc__ or "").splitlines()[0].rstrip(".")


def formulas() -> dict[str, list[str]]:
    """The formulas of every constraint and cost part, by its name."""
    texts = {name: constraint.rule.__doc__ for name, constraint in CONSTRAINTS.items()}
    texts |= {f"cost {part}": function.__doc__ for part, function in PARTS.items()}
    return {name: re.findall(r"\$+(.+?)\$+", plain(text), flags=re.S) for name, text in texts.items()}


# --- sets and parameters --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """What the network of a model offers: a set, a parameter or a condition."""

    name: str
    kind: str
    unit: str
    what: str


def _kind(annotation: str) -> str:
    if annotation == "bool":
        return "condition"
    return "parameter" if re.search(r"\bfloat\b", annotation) else "set"


def _unit(text: str) -> str:
    """The unit that a docstring names."""
    named = next((unit for unit in _UNITS if re.search(rf"[(, ]{re.escape(unit)}[).]", text)), None)
    if named is not None:
        return "-" if named == "dimensionless" else named
    if re.search(r"\bminutes\b", text, flags=re.I):
        return "min"
    if re.search(r"\b(share|modules)\b", text):
        return "-"
    return "as in its table"


def members() -> list[Member]:
    """Sets, parameters and conditions of :class:`hubopt.model.Network`, each after what it builds on."""
    found = []
    for base in reversed(Network.__mro__):
        for name, member in vars(base).items():
            function = member.func if isinstance(member, cached_property) else member
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            kind = _kind(str(function.__annotations__.get("return", "")))
            text = plain(function.__doc__)
            unit = _unit(text) if kind == "parameter" else ""
            found.append(Member(name, kind, unit, first_sentence(function.__doc__)))
    return found


# --- sections -------------------------------------------------------------------------------------------------------


def _units_section() -> str:
    return (
        "## Units\n\n"
        "So that numbers lie near 1 whatever the size of the case, the solver sees flows in *flow units* and money in "
        "*money units*: powers of ten of t/d and CNY/year that `Scale` chooses. Land is in hectares, sizes are in "
        "modules, times in minutes. Results are in t/d and CNY/year again.\n\n"
    )


def _notation_section() -> str:
    text = "## Indices and sets\n\n"
    text += md_table(("index", "what it is"), ((f"${tex}$", what) for tex, what in INDICES))
    text += md_table(("set", "what is in it"), ((f"${tex}$", what) for tex, what in SETS))
    text += "## Parameters\n\n"
    rows = [
        (f"${symbol.tex}$", symbol.meaning, symbol.unit, ", ".join(f"`{source}`" for source in symbol.sources))
        for symbol in PARAMETERS
    ]
    text += md_table(("symbol", "what it is", "unit", "made from"), rows)
    text += "`policy.` stands for a key of the policy; the other figures are those of the [instance](instance.md), as "
    return text + "the policy leaves them.\n\n"


def _variables_section() -> str:
    text = "## Variables\n\n"
    rows = [(f"`{item.name}`", item.index, item.domain, item.unit, f"`{item.module}`") for item in variables()]
    text += md_table(("variable", "index", "domain", "unit", "where"), rows)
    text += "In the formulas " + ", ".join(f"${short}$ is `{name}`" for short, name in SHORT.items()) + ". "
    text += "Sums of variables have names too:\n\n"
    return text + md_table(("expression", "what it is"), ((f"${name}$", what) for name, what in EXPRESSIONS.items()))


def unit_of_rows(constraint: Any) -> str:
    """The unit of a family's rows: what its docstring says after the formula, up to the first stop."""
    after = plain(constraint.rule.__doc__).rpartition("$$")[2].strip()
    return re.split(r"[;.,:]", after)[0].replace("\n", " ").strip().removeprefix("In ").lower()


def _rows_of(constraint: Any) -> str:
    return first_sentence(constraint.index_set.__doc__)


def _constraints_table() -> str:
    rows = []
    for name, constraint in CONSTRAINTS.items():
        switch = f"`{constraint.switch}`" if constraint.switch else "always holds"
        notes = "tightens only" if constraint.strengthening else ""
        index = f"`{constraint.index_set.__name__}`"
        rows.append((f"[`{name}`](#{name})", index, _rows_of(constraint), unit_of_rows(constraint), switch, notes))
    return (
        "## Constraints at a glance\n\nA switch of the policy takes its families away. A family that *tightens only* "
        "is implied by the others at integer points.\n\n"
        + md_table(("family", "index set", "rows", "unit", "switch", ""), rows)
    )


def _constraint_sections() -> str:
    text, title = "", ""
    for name, constraint in CONSTRAINTS.items():
        if (now := _module_title(constraint.rule)) != title:
            title = now
            text += f"## {title}\n\n"
        text += f"### `{name}`\n\n{plain(constraint.rule.__doc__)}\n\n"
        text += f"Index set `{constraint.index_set.__name__}`: {_rows_of(constraint)}"
        if constraint.switch:
            text += f" Switch: `{constraint.switch}`."
        if constraint.strengthening:
            text += " Implied by the others at integer points; it tightens the relaxation."
        text += "\n\n"
    return text


def _objective_section() -> str:
    text = (
        "## Objective: yearly cost by part\n\nThe objective is the sum of these parts over the periods, each with the "
        f"weight of its period and the policy's weight of the part, in money units; a part is in CNY/year, {FLOW} "
        "being brought back to t/d. To it comes the policy's charge on land, which is no part of the cost.\n\n"
    )
    for part, function in PARTS.items():
        text += f"### `{part}`\n\n{plain(function.__doc__)}\n\n"
    return text


def _network_section() -> str:
    text = (
        "## What the formulas are computed from\n\nSets and coefficients of the class `Network`, from which index sets "
        "and rows are made.\n\n"
    )
    for kind, title in (("set", "Sets"), ("parameter", "Parameters"), ("condition", "Conditions")):
        rows = [
            (f"`{item.name}`", *((item.unit,) if kind == "parameter" else ()), item.what)
            for item in members()
            if item.kind == kind
        ]
        header = ("name", *(("unit",) if kind == "parameter" else ()), "what it is")
        text += f"### {title}\n\n" + md_table(header, rows)
    return text


def mathematics_page() -> str:
    """Indices, sets, parameters, variables, constraints and objective of the model."""
    text = MADE + "# The model\n\n"
    text += (
        "A mixed-integer program. Every section on a family of constraints is the documentation of one function in "
        "`hubopt/model/`; units and sources of the parameters are those of the schema.\n\n"
    )
    text += _units_section() + _notation_section() + _variables_section() + _constraints_table()
    return (text + _constraint_sections() + _objective_section() + _network_section()).rstrip() + "\n"
