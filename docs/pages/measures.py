"""Page on the plan's measures 14 and 15: what they ask, where the model has it, and what the committed run answers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import hubopt
from docs.pages.markdown import MADE, md_table

ROOT = Path(__file__).resolve().parents[2]

ASKED = (
    ("a network of hub, transfer centre and community station (14)",
     "levels `hub`, `utc`, `station`; each commodity passes a chain of them"),
    ("national logistics hubs: port, airport, production-service, trade-service (14)",
     "hub types with required counts; a type says which gateways and goods it may serve"),
    ("enough land for warehouses, used sparingly (14)",
     "hectares of every facility; limits by parcel, district, city and in total; land as an objective"),
    ("criteria for choosing land (14)",
     "hard exclusions with a recorded reason, and a weighted score ([reviewing sites](review.md))"),
    ("standards for buildings, mechanisation, automation (14)",
     "a catalogue of designs: storeys, floor area ratio, throughput, capital, running cost, energy"),
    ("Class C warehouses with bonded function (14)",
     "goods that need bonded handling, designs that offer it, capacity counted apart"),
    ("activate what stands, renew what is old (14)",
     "facilities of today are kept, enlarged, converted or closed, each at its price"),
    ("hubs for both circulations: sea, air, rail, China-Europe trains (15)",
     "gateways with capacities, shares, cost and time of what lies beyond; inbound and outbound goods"),
    ("facilities across the Greater Bay Area, division of labour (15)",
     "eleven cities with least presence each, and borders that cost time and money"),
    ("overseas warehouses (15)",
     "gateways by sea and by air with the cost, minutes and emission beyond them"),
)  # fmt: skip
"""What the plan says, and what the model has for it."""

KINDS = {
    "port": "ports", "expressway": "expressway gates", "border": "border crossings",
    "rail": "rail, China-Europe trains", "airport": "airport", "overseas": "overseas warehouses, by sea and air",
}  # fmt: skip
"""Kinds of gateways in words."""


def _count(instance: str, table: str) -> int:
    """Rows of a table."""
    return len(pd.read_csv(ROOT / "instances" / instance / f"{table}.csv"))


def _levels(plan: hubopt.Solution) -> str:
    assert plan.plan is not None
    rows = []
    for level, name in (("hub", "external hubs"), ("utc", "transfer centres"), ("station", "community stations")):
        here = plan.plan.facilities[plan.plan.facilities["level"] == level]
        did = here["action"].value_counts()
        counts = [str(int(did.get(action, 0))) for action in ("keep", "upgrade", "expand", "new", "close")]
        size = [f"{here['land_ha'].sum():.1f}", f"{here['throughput_t_d'].sum():,.0f}"]
        rows.append((name, f"{int((here['modules'] > 0).sum())}", *counts, *size))
    header = ("level", "open", "kept", "converted", "enlarged", "new", "closed", "land, ha", "throughput, t/d")
    return md_table(header, rows)


def _gateways(plan: hubopt.Solution, city: hubopt.Instance) -> str:
    assert plan.plan is not None
    flows = plan.plan.flows[plan.plan.flows["leg"].str.startswith("gateway-")]
    direction = {item.id: item.direction for item in city.structure.commodities}
    kind = city.gateways.set_index("id")["kind"]
    ways = pd.DataFrame(
        {
            "kind": flows["origin"].map(kind).to_numpy(),
            "way": flows["commodity"].map(direction).to_numpy(),
            "t_d": flows["t_d"].to_numpy(),
        }
    )
    table = ways.pivot_table(index="kind", columns="way", values="t_d", aggfunc="sum", fill_value=0.0)
    table["all"] = table.sum(axis=1)
    table = table.sort_values("all", ascending=False)
    rows = [
        (KINDS.get(str(name), str(name)), *(f"{row[way]:,.0f}" for way in ("inbound", "outbound", "all")))
        for name, row in table.iterrows()
    ]
    return md_table(("gateways", "inbound, t/d", "outbound, t/d", "together"), rows)


def measures_page() -> str:
    """Measures 14 and 15, held against the run in ``results/sample``."""
    plan, city = hubopt.load_result(ROOT / "results" / "sample"), hubopt.load(ROOT / "instances" / "shenzhen")
    kpi, cost = plan.kpi, sum(plan.cost.values())
    gap = plan.proof.gap
    assert gap is not None
    met = md_table(
        ("standard of the instance", "asked", "reached"),
        (
            (item.name_en, f"{kpi[f'target_required.{item.id}']:.0%}", f"{kpi[f'target.{item.id}']:.1%}")
            for item in city.structure.service.targets
        ),
    )
    return f"""{MADE}# Measures 14 and 15

Shenzhen's three-year action plan for supply chain innovation (2023-2025) asks in measure 14 for a network of three
levels - external logistics hubs, urban transfer centres, community stations - and in measure 15 for hubs that open
the city to the Greater Bay Area and overseas. The city's logistics strategy writes it "7 + 30 + N". This page says
what each demand became in the model, and what the model answers for Shenzhen.

**Before you read on.** Roads, districts, residents and gateways are real. Demands, costs, sizes and most candidate
sites are assumptions with stated ranges ([what is what](../instances/shenzhen/README.md)). The answer is what
follows from them; it is no forecast and no decision of the city.

## What the plan says and what the model has

{md_table(("the plan", "the model"), ASKED).strip()}

Every rule behind the right column is [one documented function](reference/mathematics.md), and each can be switched
and bounded by [a policy](policies.md).

## Measure 14: three levels

Today {int((city.existing["modules"] > 0).sum())} facilities stand that the instance knows of:

![Facilities of today in Shenzhen](images/measures-today.png)

The committed run (`results/sample`, least cost under all standards of the instance) answers with this network. It
costs {cost / 1e9:.2f} billion CNY a year, everything counted; no network that keeps the same rules is more than
{gap:.1%} cheaper.

![The network of three levels](images/map.png)

{_levels(plan).strip()}

Together {kpi["land_ha.total"]:.1f} ha of land and {kpi["gfa_m2.total"] / 1e6:.2f} million m2 of floor area;
{kpi["stock.share"]:.0%} of today's floor area stays in use. Emission: {kpi["kgco2e_year.total"] / 1e6:,.0f} kt CO2e
a year.

### Service

{met.strip()}

Zones by the driven way to their transfer centre: blue within the standard, amber and brown beyond it. The plan may
leave a tenth of the demand beyond; it leaves the far east, where few people live.

![Zones by the way to their transfer centre](images/measures-service.png)

### What the numbers of the plan cost

Seven hubs and thirty centres, less land, more of what stands, less carbon: each is a policy of its own, solved and
set side by side in [policies compared](policies-compared.md), and in short in the [README](../README.md). The target
`make policies` solves them again.

## Measure 15: outward

Goods come and go through six kinds of places: ports, the airport, rail, land crossings, expressway gates, overseas
warehouses. Inbound flows are blue, outbound ones orange; the wider the line, the more tonnes.

![Flows between gateways and hubs](images/measures-gateways.png)

{_gateways(plan, city).strip()}

What lies beyond a gateway - the ship, the train to Europe, the warehouse overseas - is in its cost, minutes and
emission, and so it has a say in which hub the goods take.

The instance [`gba`](../instances/gba/README.md) has all eleven cities of the Greater Bay Area, with a hub required
in ten of them and a centre in each, the borders between them, and {_count("gba", "gateways")} gateways. The map is
that of its data, before anything is solved: hubs red, centres orange, stations green, gateways blue.

![Places of the Greater Bay Area](images/measures-gba.png)

## How to get these answers

<!-- walk: no -->
```sh
make run         # the network of Shenzhen; three to five minutes
make policies    # the same under every policy
make pictures    # the maps of this page, from results/sample and instances/gba
```

From an installation without the repository: `hubopt demo shenzhen`.
"""
