"""What is hauled over every arc, by whom and which way, and what runs empty for want of a return load."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hubopt.check.case import ARC
from hubopt.check.exchange import exchanges
from hubopt.check.facts import Facts, remembered
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import above


@remembered
def hauls(facts: Facts) -> pd.DataFrame:
    """Flows and exchanges on their arcs.

    Columns: ``period``, ``leg``, ``origin``, ``destination`` (as the arc has them), ``mode``, ``commodity``, ``km``,
    ``minutes``, ``toll_cny_t``, ``border_cny_t``, ``t_d`` and ``forth`` (whether goods go from origin to destination).
    Figures are NaN where there is no arc. Exchange within one facility is not hauled.
    """
    inbound = facts.case.commodities["direction"] == "inbound"
    flows = facts.flows.assign(forth=facts.flows["commodity"].map(inbound).astype(bool))
    moved = exchanges(facts)
    moved = moved[~moved["inside"]]
    turned = moved.rename(columns={"origin": "destination", "destination": "origin"})
    figures = ["km", "minutes", "toll_cny_t", "border_cny_t"]
    columns = ["period", *ARC, "commodity", *figures, "t_d", "forth"]
    parts = [flows[columns], moved.loc[moved["forth"], columns], turned.loc[~turned["forth"], columns]]
    parts = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(parts, ignore_index=True)


@remembered
def empties(facts: Facts) -> pd.DataFrame:
    """Empty running by period and arc, for modes that count it: ``t_d`` that one direction lacks, ``km``, ``share``.

    ``share`` is what an empty kilometre costs and emits of a loaded one. Flows without an arc are left out.
    """
    rows = hauls(facts)
    share = rows["mode"].map(facts.case.modes["empty_running"]).astype(float)
    rows = rows.assign(share=share, net=rows["t_d"].where(rows["forth"], -rows["t_d"]))
    rows = rows[(share > 0) & rows["km"].notna()]
    sums = rows.groupby(["period", *ARC], sort=False).agg(
        net=("net", "sum"), km=("km", "first"), share=("share", "first")
    )
    sums["t_d"] = sums["net"].abs()
    return sums.drop(columns="net").reset_index()


def mode_capacity(facts: Facts) -> Iterator[Finding]:
    """Everything that a mode carries, counted once per arc, keeps the mode's capacity."""
    sums = hauls(facts).groupby(["period", "mode"], as_index=False)["t_d"].sum()
    rows = sums.join(facts.case.modes["capacity_t_d"], on="mode")
    for row in each(rows[above(rows["t_d"], rows["capacity_t_d"])]):
        message = f"carries {shown(row.t_d)} t/d, but its capacity is {shown(row.capacity_t_d)} t/d"
        where = f"mode {row.mode}" + facts.case.when(row.period)
        yield Finding("mode_capacity", message, where, row.t_d, row.capacity_t_d)


def terminal_capacity(facts: Facts) -> Iterator[Finding]:
    """Everything that a mode loads or unloads at a gateway or site keeps the capacity of the terminal there."""
    terminals = facts.case.instance.terminals
    rows = hauls(facts)
    touching = [
        rows[["period", "mode", "t_d", end]].rename(columns={end: "node"}).assign(end=end)
        for end in ("origin", "destination")
    ]
    sums = pd.concat(touching).groupby(["period", "node", "mode"], as_index=False)["t_d"].sum()
    found = sums.merge(terminals[["node", "mode", "capacity_t_d"]], on=["node", "mode"])
    for row in each(found[above(found["t_d"], found["capacity_t_d"])]):
        message = f"loads and unloads {shown(row.t_d)} t/d by {row.mode}, but can do {shown(row.capacity_t_d)} t/d"
        kind = (
            "gateway" if row.node in facts.case.gateways.index else str(facts.case.sites["level"].get(row.node, "site"))
        )
        yield Finding(
            "terminal_capacity", message, facts.case.place(kind, row.node, row.period), row.t_d, row.capacity_t_d
        )


def empty_shares(facts: Facts) -> dict[str, float]:
    """Empty tonne-km over all tonne-km of the modes that count empty running, by period; ``""``: over all years.

    0 where such modes do not run.
    """
    case, run, loaded = facts.case, empties(facts), hauls(facts)
    loaded = loaded[loaded["mode"].map(case.modes["empty_running"]).astype(float) > 0]
    void = (run["t_d"] * run["km"]).groupby(run["period"]).sum().reindex(case.periods.index).fillna(0.0)
    full = (loaded["t_d"] * loaded["km"].fillna(0.0)).groupby(loaded["period"]).sum()
    full = full.reindex(case.periods.index).fillna(0.0)
    pairs = {str(period): (float(void[period]), float(full[period])) for period in case.periods.index}
    years = case.periods["years"]
    pairs[""] = (float((void * years).sum()), float((full * years).sum()))
    return {name: empty / (empty + load) if empty + load > 0 else 0.0 for name, (empty, load) in pairs.items()}
