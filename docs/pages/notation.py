"""The symbols of the formulas: what each stands for, its unit, and where its figure comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hubopt.instance import TABLES, Policy
from hubopt.instance.figures import RECORDS, unit_of


@dataclass(frozen=True)
class Symbol:
    """A symbol with its subscripts, what it means and the figures of instance or policy (``table.field``) behind it.

    The unit is that of the first figure; where there is none, or the figure is not in the unit of the model, it is
    given.
    """

    tex: str
    meaning: str
    sources: tuple[str, ...] = ()
    given_unit: str = ""

    @property
    def unit(self) -> str:
        """Unit of the symbol; "-" for a plain number."""
        return self.given_unit or (unit_of_figure(self.sources[0]) if self.sources else "-")


def unit_of_figure(source: str) -> str:
    """The unit of ``table.field`` in the schema of instance or policy; KeyError if there is no such figure."""
    table, _, name = source.rpartition(".")
    if table == "policy":
        return unit_of(Policy.model_fields[name])
    if table in TABLES:
        return TABLES[table].column(name).unit
    return unit_of(RECORDS[tuple(table.split("."))][0].model_fields[name])


INDICES = (
    ("t, \\tau", "period; $t_1$ is the first, $t-1$ the one before (before the first: today)"),
    ("i, j", "site; on a link its upper and its lower end"),
    ("h, u, s", "hub, upper end and station of a service; $h$ also a hub type, $s$ also what a land limit is for"),
    ("d", "design; $d^0$ is that of today"),
    ("z", "zone"),
    ("k", "commodity; inbound (in) or outbound (out)"),
    ("a", "arc (leg, origin, destination, mode); in the service targets a target"),
    ("l", "leg of the network, or its level"),
    ("m", "mode"),
    ("g", "gateway"),
    ("n", "gateway or site with a terminal"),
    ("o", "group of zones that in-city goods come from, or operator"),
    ("p", "rule of presence, or part of the cost"),
    ("r", "requirement: bonded, cold or another class of handling"),
    ("w", "outage: the hub or gateway that is out"),
    ("c", "class of lower nodes that the same hubs can reach"),
    ("\\kappa", "kind of goods that can be rerouted as one"),
)
"""Indices and what they run over."""

SETS = (
    ("T", "periods"),
    ("I", "sites that have an option; $I_l$, $I_h$, $I_p$, $I_s$ those of a level, hub type, rule or limit"),
    ("I^{forced}", "sites that must be open"),
    ("I^{stay}", "sites whose facility of today may not close"),
    ("I^{today}", "sites with a facility of today"),
    ("I^{new}", "sites without one"),
    ("O", "options: site and design that may be built there"),
    ("O^{new}", "options at sites without a facility of today"),
    ("O^{conv}", "options to which floor area of another design can be converted"),
    ("O^{overflow}", "options that may handle more than their modules take, at a price"),
    ("C_{i,d}", "designs at the site whose floor area can be converted to $d$"),
    ("D_k", "designs that can handle the commodity"),
    ("Z", "zones with demand"),
    ("G", "gateways"),
    ("L^{single}", "single-sourced legs"),
    ("A^{in}", "arcs that bring a commodity down into a site"),
    ("A^{out}", "arcs that take a commodity down from a site or gateway"),
    ("A^{last}", "arcs that bring a commodity into a zone"),
    ("A^{mix}", "arcs on which in-city goods of several groups can meet"),
    ("A^{empty}", "arcs whose mode counts empty running"),
    ("U_{a,s,z}", "upper ends that feed the station in time for the zone"),
    ("K_a", "commodities that a target counts"),
    ("K^{hub}", "commodities whose chain starts at a hub"),
)
"""Sets of the formulas."""

FLOW, MONEY = "flow units", "CNY/year"

PARAMETERS = (
    Symbol("D_{z,k,t}", "demand", ("demand.t_d",), FLOW),
    Symbol("R_{i,k,t}", "demand of all zones downstream", ("demand.t_d",), FLOW),
    Symbol("w_{a,z,t}", "demand that a target weighs", ("demand.t_d",), FLOW),
    Symbol("F_{k,t}", "what all gateways carry of a commodity (an expression)", (), FLOW),
    Symbol("\\overline{n}_{i,d}", "largest size: of the design, of the land, at least of today",
           ("designs.max_modules", "sites.land_ha", "existing.modules"), "modules"),
    Symbol("\\underline{n}_{i,d}", "smallest size: of the design, or of today",
           ("designs.min_modules", "existing.modules"), "modules"),
    Symbol("e_{i,d}", "most that can be converted: the largest size, in the first period today's floor area",
           ("existing.modules",), "modules"),
    Symbol("q_d", "throughput of one module", ("designs.throughput_t_d",), "flow units per module"),
    Symbol("q_{d,r}", "throughput of one module that may be bonded (cold, another class)",
           ("designs.bonded_t_d", "designs.cold_t_d", "designs.requirement_t_d"), "flow units per module"),
    Symbol("\\beta_i", "share of a site's capacity that is available", ("sites.availability",)),
    Symbol("\\ell_a", "throughput of the origin that a tonne over the arc takes", ("arcs.load",)),
    Symbol("o_d", "price of a tonne beyond the capacity of the modules", ("designs.overflow_cny_t",)),
    Symbol("\\overline{q}_i", "largest throughput of a facility", ("designs.throughput_t_d",), FLOW),
    Symbol("\\overline{q}_{i,d,k}", "largest throughput of a commodity in a design", ("designs.throughput_t_d",), FLOW),
    Symbol("u_{a,k,t}", "most that an arc can carry of a commodity", (), FLOW),
    Symbol("\\overline{f}_{i,k,t}", "most of a commodity that can leave a site or a gateway",
           ("admissions.max_share", "gateways.capacity_t_d"), FLOW),
    Symbol("\\delta_{d,t}", "share of the period for which converted floor area is out of use",
           ("designs.conversion_months", "periods.years"), "-"),
    Symbol("\\mu_l", "least utilisation", ("levels.min_utilisation",)),
    Symbol("gfa_d", "gross floor area of one module", ("designs.module_gfa_m2",)),
    Symbol("far_d", "floor area ratio, at most that of the site", ("designs.floor_area_ratio", "sites.max_far")),
    Symbol("land_{i,d}", "land of one module", ("designs.module_gfa_m2", "designs.floor_area_ratio"), "ha"),
    Symbol("A_i", "floor area of today", ("existing.modules", "designs.module_gfa_m2"), "m2 GFA"),
    Symbol("\\sigma", "least share of today's floor area that stays in use", ("policy.stock_share_min",)),
    Symbol("\\sigma_{a,t}", "share of the demand that must meet a target",
           ("service.targets.share", "periods.target_shares")),
    Symbol("\\sigma_l", "largest share of one site in the throughput of its level", ("levels.max_site_share",)),
    Symbol("\\sigma^{op}_l", "the same of one operator", ("levels.max_operator_share",)),
    Symbol("i(z)", "site in the same place as a zone", ("zones.own_site",)),
    Symbol("\\underline{N}_l, \\underline{N}_h, \\underline{N}_p", "least number of open sites",
           ("levels.min_open", "hub_types.min_open", "presence.min_open")),
    Symbol("\\overline{N}_l, \\overline{N}_h, \\overline{N}_p", "largest number of open sites",
           ("levels.max_open", "hub_types.max_open", "presence.max_open")),
    Symbol("\\overline{L}_s", "land that may be used together", ("land.limit_ha",)),
    Symbol("Q_m, Q_{n,m}, Q_{g,t}", "capacity of a mode, of a terminal, of a gateway",
           ("modes.capacity_t_d", "terminals.capacity_t_d", "gateways.capacity_t_d", "periods.gateway_factor"), FLOW),
    Symbol("\\underline{s}_{k,g}", "least share of a gateway", ("admissions.min_share",)),
    Symbol("\\overline{s}_{k,g}", "largest share of a gateway", ("admissions.max_share",)),
    Symbol("b_{l(a)}", "minutes that a leg may take", ("service.targets.budget_minutes",)),
    Symbol("\\tau_{a'}", "minutes of an arc, with those beyond its gateway",
           ("arcs.minutes", "gateways.beyond_minutes")),
    Symbol("\\phi_w", "least share served in an outage",
           ("resilience.hub_outage_share", "resilience.gateway_outage_share")),
    Symbol("\\epsilon_m", "cost and emission of an empty kilometre over a loaded one", ("modes.empty_running",)),
    Symbol("e_a", "emission of carrying a tonne over an arc", ("arcs.km", "modes.kgco2e_t_km"), "kg CO2e/t"),
    Symbol("e_g", "in the cap on emission that of what lies beyond a gateway, in the cost its price",
           ("gateways.beyond_kgco2e_t", "gateways.beyond_cny_t"), "kg CO2e/t, CNY/t"),
    Symbol("h_d", "in the cap on emission that of handling a tonne, in the cost its price",
           ("designs.energy_kwh_t", "instance.grid_kgco2e_kwh", "designs.handling_cny_t"), "kg CO2e/t, CNY/t"),
    Symbol("b_d", "yearly emission of one module's building",
           ("designs.energy_kwh_m2_year", "designs.module_gfa_m2", "instance.grid_kgco2e_kwh"), "kg CO2e/year"),
    Symbol("\\overline{E}_t", "cap on the emission of a year", ("periods.carbon_cap_t_year",)),
    Symbol("c_d", "capital cost of new floor area", ("designs.capital_cny_m2",)),
    Symbol("v_d", "capital cost of converted floor area", ("designs.conversion_cny_m2",)),
    Symbol("f_d", "capital cost of a new site", ("designs.fixed_capital_cny",)),
    Symbol("K_i", "cost of closing", ("existing.closure_cny",)),
    Symbol("B_t", "budget of a period", ("periods.capital_budget_cny",)),
    Symbol("\\overline{C}", "cap on the cost", ("policy.cost_cap_cny_year",)),
    Symbol("\\upsilon", "largest share of demand left unmet", ("policy.unmet_share_max",)),
    Symbol("\\omega_t", "discount weight of a period", ("periods.weight",)),
    Symbol("crf, crf_d", "capital recovery factor, over the term of land or the life of a design",
           ("instance.discount_rate", "instance.land_life_years", "designs.life_years")),
    Symbol("p_i", "price of land", ("sites.land_price_cny_m2",)),
    Symbol("p", "price of carbon", ("instance.carbon_price_cny_t",)),
    Symbol("r_d", "running cost of floor area", ("designs.running_cny_m2_year",)),
    Symbol("F_d", "running cost of an open site", ("designs.fixed_running_cny_year",)),
    Symbol("km_a", "driven distance", ("arcs.km",)),
    Symbol("c_m", "cost of carrying", ("modes.cny_t_km",)),
    Symbol("b_m", "cost of loading and stopping", ("modes.cny_t",)),
    Symbol("\\tau_a", "tolls", ("arcs.toll_cny_t",)),
    Symbol("x_g, x_a", "cost of crossing the border at a gateway, on an arc",
           ("gateways.border_cny_t", "arcs.border_cny_t")),
    Symbol("\\pi_k", "penalty of a tonne not carried", ("commodities.unmet_cny_t",)),
    Symbol("C_0", "constant of the stated objective", ("instance.objective_constant",)),
    Symbol("365", "days a year with traffic, as the instance gives them", ("instance.operating_days",)),
)  # fmt: skip
"""Parameters of the formulas."""

SHORT = {
    "n": "modules", "inuse": "in_use", "carried": "carried_over", "down": "rerouted_down",
}  # fmt: skip
"""Names in the formulas that are short for a variable."""

EXPRESSIONS = {
    "content": "goods of a group at a facility: on its arcs below or, at the last facility, those of its zones",
    "collected": "goods of a group that a facility has from below",
    "delivered": "goods of a group that a facility sends down",
    "inflow": "flow of a commodity down into a node",
    "closed": "1 if the facility of today is given up in the period",
    "cost": "a part of the yearly cost, see below",
    "req": "what a commodity requires at the level of a site",
}
"""Names in the formulas that are short for sums of variables."""

_GREEK = frozenset(["beta", "ell", "delta", "sigma", "mu", "tau", "phi", "epsilon", "omega", "upsilon", "kappa", "pi"])
_UNITS_IN_FORMULAS = frozenset(("kg", "CO", "in", "out"))


def _after_group(tex: str, at: int) -> int:
    """The place after the group, command or character that begins at ``at``."""
    if at < len(tex) and tex[at] == "{":
        depth = 0
        while at < len(tex):
            depth += {"{": 1, "}": -1}.get(tex[at], 0)
            at += 1
            if depth == 0:
                return at
        return at
    if at < len(tex) and tex[at] == "\\":
        at += 1
        while at < len(tex) and tex[at].isalpha():
            at += 1
        return at
    return at + 1


def _decorated(tex: str, base: str, at: int) -> tuple[str, int]:
    """The base with its superscript, and the place after its sub- and superscripts."""
    while at < len(tex) and tex[at] in "_^":
        end = _after_group(tex, at + 1)
        mark = tex[at + 1 : end].strip("{}")
        if tex[at] == "^" and mark.isalpha() and len(mark) > 1:
            base += f"^{{{mark}}}"
        at = end
    return base, at


def bases(tex: str) -> Iterator[str]:
    """The symbols of a formula without their subscripts, such as ``\\overline{n}``, ``A^{out}``, ``modules``."""
    at = 0
    while at < len(tex):
        if tex[at] == "\\":
            end = _after_group(tex, at)
            name, at = tex[at + 1 : end], end
            if name in ("overline", "underline"):
                end = _after_group(tex, at)
                base, at = _decorated(tex, f"\\{name}{tex[at:end]}", end)
                yield base
            elif name == "text":
                at = _after_group(tex, at)
            elif name in _GREEK:
                base, at = _decorated(tex, f"\\{name}", at)
                yield base
            elif not name:
                at += 1
        elif tex[at].isalpha():
            end = at
            while end < len(tex) and tex[end].isalpha():
                end += 1
            base, at = _decorated(tex, tex[at:end], end)
            if base not in _UNITS_IN_FORMULAS:
                yield base
        else:
            at += 1


def known_bases(variables: set[str]) -> dict[str, str]:
    """Every base that a formula may use, and the table of the page in which it stands."""
    known = (
        dict.fromkeys(variables, "variables")
        | dict.fromkeys(SHORT, "short")
        | dict.fromkeys(EXPRESSIONS, "expressions")
    )
    for tex, _ in SETS:
        known |= dict.fromkeys(bases(tex), "sets")
    for symbol in PARAMETERS:
        known |= dict.fromkeys(bases(symbol.tex), "parameters")
    for tex, _ in INDICES:
        known |= {base: "indices" for base in bases(tex) if base not in known}
    return known
