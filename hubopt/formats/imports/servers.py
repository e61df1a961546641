"""Stochastic server location (SIPLIB's SSLP): which servers to open before it is known which clients there are.

Found in the program by its shape, not by names: binary columns of the first stage, so many of them; for each of
them at most one row of the second stage that holds its capacity, the clients' loads on it, and perhaps a column of
overflow at a price; and for each client a row by which it is served once if it is there, and else not.

A server is a site, a client a zone that asks for 1, a client's load on a server that of the arc. What a client pays
is taken from the most that it may pay: arcs cost the rest, and the constant gives the most back for the clients that
are there. In the published program a client may also be served by a server that is not open, all of its load then being
overflow; one more site, always open, stands for that at the least price.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import tomli_w

from hubopt.formats.imports import parts
from hubopt.formats.imports.options import Options
from hubopt.formats.imports.outcomes import Outcome, read_outcomes
from hubopt.formats.imports.parts import Origin
from hubopt.formats.imports.smps import Core, read_core, read_stages, siblings
from hubopt.formats.imports.tokens import Vector
from hubopt.instance import Design, InputError, Instance, Level, LevelRule, Problem

LEVEL: Level = "station"
LEG = f"{LEVEL}-zone"
ELSEWHERE = "elsewhere"
"""Site that stands for servers that are not open."""

SCENARIOS = "scenarios.toml"
"""File of the scenarios in the folder of the instance."""

_NTAIMO = (
    "Ntaimo, Sen: The million-variable march for stochastic combinatorial optimization, J. of Global Optimization 32 "
    "(2005); SIPLIB"
)


@dataclass(frozen=True)
class Servers:
    """The program as read: figures by server, by client, and of shape (servers, clients), NaN where there is no way.

    ``gain`` is what the objective changes by serving a client from a server; ``elsewhere`` the same by a server that is
    not open, with all that its overflow costs. ``least_open``, ``most_open``: how many servers may open. ``constant``:
    of the objective (MPS has it as the right-hand side of that row, with the other sign).
    """

    fixed: Vector
    capacity: Vector
    overflow: Vector
    load: Vector
    gain: Vector
    elsewhere: Vector
    least_open: int
    most_open: int
    clients: tuple[str, ...]
    present: Mapping[str, float]
    constant: float


def _refuse(file: str, message: str) -> InputError:
    mend = "give a program of stochastic server location; other programs have no network to be read as"
    return InputError([Problem(file, message, mend)])


def _open_between(core: Core, first: frozenset[str], rows: frozenset[str], file: str) -> tuple[int, int]:
    """The least and the most servers that may be open, by the rows of the first stage."""
    least, most = 0, len(first)
    for row in core.senses:
        if row not in rows:
            continue
        factors = {core.entries[column].get(row, 0.0) for column in first}
        factor = next(iter(factors))
        if len(factors) != 1 or factor == 0:
            raise _refuse(file, f"has a first-stage row {row!r} that is no limit on the number of servers")
        low, high = sorted(limit / factor for limit in core.between(row))
        least = max(least, math.ceil(low - 1e-9)) if math.isfinite(low) else least
        most = min(most, math.floor(high + 1e-9)) if math.isfinite(high) else most
    if least > most:
        raise _refuse(file, f"asks for at least {least} and at most {most} of {len(first)} servers")
    return least, most


def servers_of(core: Core, first: frozenset[str], rows: frozenset[str], file: str) -> Servers:
    """The servers and clients of a program.

    Raises
    ------
    InputError
        If it is not of the shape of stochastic server location.
    """
    places = [column for column in core.entries if column in first]
    binary = [column in core.integer and core.bounds(column) == (0.0, 1.0) for column in places]
    if not places or not all(binary):
        raise _refuse(file, "has first-stage columns that are not binary")
    clients = tuple(row for row, sense in core.senses.items() if row not in rows and sense == "E")
    number = {row: place for place, row in enumerate(clients)}
    limits = [row for row in core.senses if row not in rows and row not in number]
    owners = {row: [column for column in places if row in core.entries[column]] for row in limits}
    if any(len(own) != 1 for own in owners.values()) or len({own[0] for own in owners.values()}) != len(limits):
        raise _refuse(file, "has second-stage rows that do not hold the capacity of one server each")
    server = {row: places.index(own[0]) for row, own in owners.items()}
    # as "load - capacity * open - overflow <= 0", whichever way round the row is written
    sign = {row: 1.0 if core.senses[row] == "L" else -1.0 for row in limits}
    shape = (len(places), len(clients))
    found = Servers(
        np.array([core.entries[column].get(core.objective, 0.0) for column in places]), np.zeros(len(places)),
        np.full(len(places), np.nan), np.zeros(shape), np.full(shape, np.nan), np.full(len(clients), np.inf),
        *_open_between(core, first, rows, file), clients, {row: core.right.get(row, 0.0) for row in clients},
        -core.right.get(core.objective, 0.0),
    )  # fmt: skip
    for row, place in server.items():
        found.capacity[place] = -sign[row] * core.entries[places[place]][row]
        if core.right.get(row, 0.0) != 0 or row in core.ranges:
            raise _refuse(file, f"has a right-hand side or a range in the capacity row {row!r}")
    if (found.capacity < 0).any() or (found.fixed < 0).any():
        raise _refuse(file, "has servers of negative capacity or cost")
    _take_columns(core, [column for column in core.entries if column not in first], number, server, sign, found, file)
    return found


def _take_columns(
    core: Core, columns: list[str], number: Mapping[str, int], server: Mapping[str, int], sign: Mapping[str, float],
    found: Servers, file: str,
) -> None:  # fmt: skip
    """Take the columns of the second stage: overflow first, since what it costs decides what serving elsewhere does."""
    served: list[tuple[int, int | None, float, float]] = []
    if ranged := [row for row in number if row in core.ranges]:
        raise _refuse(file, f"has a range in the row {ranged[0]!r} of a client")
    for column in columns:
        low, high = core.bounds(column)
        entries = {row: value for row, value in core.entries[column].items() if value != 0}
        cost = entries.pop(core.objective, 0.0)
        own = [number[row] for row in entries if row in number]
        at = [row for row in entries if row in server]
        if len(own) == 1 and entries[found.clients[own[0]]] == 1 and len(at) <= 1 and column in core.integer:
            load = sign[at[0]] * entries[at[0]] if at else 0.0
            if load < 0:
                raise _refuse(file, f"has a column {column!r} of negative load")
            if low != 0:
                raise _refuse(file, f"has a column {column!r} that may not be 0")
            if high >= 1:
                served.append((own[0], server[at[0]] if at else None, load, cost))
        elif not own and len(at) == 1 and column not in core.integer and sign[at[0]] * entries[at[0]] < 0 <= cost:
            if (low, high) != (0.0, math.inf):
                raise _refuse(file, f"has a column of overflow {column!r} with limits")
            found.overflow[server[at[0]]] = cost / (-sign[at[0]] * entries[at[0]])
        else:
            raise _refuse(file, f"has a second-stage column {column!r} that neither serves a client nor is overflow")
    for client, place, load, cost in served:
        if place is not None:
            found.load[place, client], found.gain[place, client] = load, cost
            price = found.overflow[place]
            if np.isnan(price):
                continue
            cost += load * price
        found.elsewhere[client] = min(found.elsewhere[client], cost)


def to_instance(problem: Servers, origin: Origin) -> tuple[Instance, Vector]:
    """The instance in which every client is there, and the most that each of them may pay."""
    every = np.vstack([np.nan_to_num(problem.gain, nan=np.inf), problem.elsewhere])
    most = np.maximum(0.0, -every.min(axis=0))
    clients = parts.ids("c", len(problem.clients))
    figures = np.column_stack([problem.capacity, problem.fixed])
    places = parts.sites(LEVEL, "s", figures[:, 0], figures[:, 1])
    always = parts.sites(LEVEL, ELSEWHERE, np.array([float(len(clients))]), np.zeros(1))
    has_elsewhere = bool(np.isfinite(problem.elsewhere).any())
    designs, rows = _with_overflow(places, problem.overflow)
    names = list(rows["id"])
    ways = [parts.arcs(LEG, names, clients, np.nan_to_num(problem.gain + most, nan=np.inf))]
    ways[0]["load"] = problem.load[np.isfinite(problem.gain)]
    if has_elsewhere:
        rows = pd.concat([rows, always.rows.assign(id=ELSEWHERE, forced="open", designs=ELSEWHERE)], ignore_index=True)
        designs = [*designs, always.designs[0].model_copy(update={"id": ELSEWHERE})]
        ways.append(parts.arcs(LEG, [ELSEWHERE], clients, (problem.elsewhere + most)[None, :]))
    rule = LevelRule(
        min_open=problem.least_open + has_elsewhere if problem.least_open else 0,
        max_open=problem.most_open + has_elsewhere,
    )
    instance = parts.instance(
        origin,
        description=f"{len(names)} servers, of which {problem.most_open} may open; {len(clients)} clients, all there.",
        commodities=[parts.commodity("goods", "import.goods", (LEVEL,))],
        designs=designs,
        tables={
            "sites": rows,
            "zones": parts.zones(clients),
            "demand": parts.demand({"goods": (clients, np.ones(len(clients)))}),
            "arcs": pd.concat(ways, ignore_index=True),
        },
        single_sourcing=(LEG,),
        levels={LEVEL: rule},
        objective_constant=problem.constant - float(most.sum()),
    )
    return instance, most


def _with_overflow(places: parts.Sites, prices: Vector) -> tuple[list[Design], pd.DataFrame]:
    """Designs and rows of the servers, designs parted by what overflow costs."""
    designs, names = {}, []
    known = {design.id: design for design in places.designs}
    for design, price in zip(places.rows["designs"], prices, strict=True):
        name = design if np.isnan(price) else f"{design}-at-{price:g}"
        cost = None if np.isnan(price) else float(price)
        designs[name] = known[design].model_copy(update={"id": name, "overflow_cny_t": cost})
        names.append(name)
    return list(designs.values()), places.rows.assign(designs=names)


def scenario_file(problem: Servers, outcomes: tuple[Outcome, ...], most: Vector, file: str) -> str:
    """Text of the scenario file: who is absent, and what the absent would have paid.

    Raises
    ------
    InputError
        If a scenario changes other rows than those of clients, or a client is there more or less than once.
    """
    ids = parts.ids("c", len(problem.clients))
    scenarios = []
    for outcome in outcomes:
        strange = [row for row in outcome.right if row not in problem.present]
        if strange:
            raise _refuse(file, f"changes the row {strange[0]!r}, which is no client's, in scenario {outcome.id!r}")
        there = np.array([outcome.right.get(row, problem.present[row]) for row in problem.clients])
        if not np.isin(there, (0.0, 1.0)).all():
            raise _refuse(file, f"has clients that are there neither once nor not at all, in scenario {outcome.id!r}")
        absent = [name for name, value in zip(ids, there, strict=True) if value == 0]
        scenarios.append(
            {
                "id": outcome.id,
                "probability": outcome.probability,
                "absent_zones": absent,
                "objective_constant": float(most[there == 0].sum()),
            }
        )
    return tomli_w.dumps({"description": "Which clients are there, as published.", "scenarios": scenarios})


def _read(path: Path, options: Options) -> tuple[Instance, str]:
    files = siblings(path)
    core = read_core(files["core"])
    first, rows = read_stages(files["time"], core)
    outcomes = read_outcomes(files["stoch"], core)
    problem = servers_of(core, first, rows, files["core"].name)
    origin = Origin(options.name_of(path), "import.kind-sslp", _NTAIMO, 2005, "SMPS: .cor, .tim, .sto")
    instance, most = to_instance(problem, origin)
    return instance, scenario_file(problem, outcomes, most, files["stoch"].name)


def smps(path: Path, options: Options) -> Instance:
    """The instance of a program in SMPS, with every client there; ``path`` is any of the three files."""
    return _read(path, options)[0]


def smps_scenarios(path: Path, options: Options) -> Mapping[str, str]:
    """The file of scenarios that goes beside the instance."""
    return {SCENARIOS: _read(path, options)[1]}
