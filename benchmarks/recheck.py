"""Recompute answers that are better than the published values, or newly proven, from the published files alone.

Run as ``python benchmarks/recheck.py ANSWER.json... --data DIR``. ANSWER.json is what ``hubopt bench`` writes into its
folder ``answers``: open sites and flows. Nothing of hubopt is used: the file is read anew, every capacity and demand is
held against the flows, and the cost is added up from the file's own numbers.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

TOLERANCE = 1e-6


def numbers(path: Path, capacity: float | None) -> list[float]:
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    found = []
    for token in raw.replace(b"\0", b" ").split():
        if token.lower() == b"capacity" and capacity is not None:
            found.append(capacity)
            continue
        try:
            found.append(float(token))
        except ValueError:
            break  # some files end in garbage
    return found


class Take:
    """Numbers one after the other."""

    def __init__(self, values: list[float]) -> None:
        self.values, self.at = values, 0

    def __call__(self, count: int) -> list[float]:
        self.at += count
        part = self.values[self.at - count : self.at]
        if len(part) < count:
            raise ValueError("the file ends too early")
        return part

    def table(self, rows: int, columns: int) -> list[list[float]]:
        return [self(columns) for _ in range(rows)]


def place(name: str) -> int:
    """The number in an id such as ``c017``, from 0."""
    return int(re.sub(r"\D", "", name)) - 1


def missed(what: str, least: float, most: float) -> list[str]:
    return [f"{what}: {least:.9g} is above {most:.9g}"] if least > most + TOLERANCE * max(1.0, abs(most)) else []


def warehouses(take: Take, answer: dict, holmberg: bool, single: bool) -> tuple[float, list[str]]:
    sites, customers = (int(value) for value in take(2))
    rooms = take.table(sites, 2)
    if holmberg:
        demand = take(customers)
        by_site = take.table(sites, customers)
        cost = [[by_site[i][j] for i in range(sites)] for j in range(customers)]
    else:
        rows = take.table(customers, sites + 1)
        demand, cost = [row[0] for row in rows], [row[1:] for row in rows]
    opened = {place(name) for name in answer["open"]}
    got, load, sources = defaultdict(float), defaultdict(float), defaultdict(set)
    total, wrong = sum(rooms[i][1] for i in opened), []
    for _, origin, destination, _, amount in answer["flows"]:
        i, j = place(origin), place(destination)
        total += cost[j][i] * amount / demand[j] if demand[j] > 0 else cost[j][i] * amount
        got[j] += amount
        sources[j].add(i)
        load[i] += amount if demand[j] > 0 else 0.0
        wrong += [] if i in opened else [f"site {i + 1} is used but closed"]
    for j in range(customers):
        wrong += missed(f"customer {j + 1} gets too little", demand[j], got[j])
        wrong += [f"customer {j + 1} has {len(sources[j])} sources"] if single and len(sources[j]) > 1 else []
    for i in range(sites):
        wrong += missed(f"load of site {i + 1}", load[i], rooms[i][0])
    return total, wrong


def two_stages(take: Take, answer: dict, several: bool) -> tuple[float, list[str]]:
    plants, depots, customers = (int(value) for value in take(3))
    products = int(take(1)[0]) if several else 1
    demand = take.table(customers, products)
    stages = []
    for count, below in ((plants, depots), (depots, customers)):
        rooms = take.table(count, products + 1)
        stages.append((rooms, [take.table(count, below) for _ in range(products)]))
    opened = [{place(name) for name in answer["open"] if name[0] == letter} for letter in "ij"]
    total = sum(stages[s][0][i][-1] for s in (0, 1) for i in opened[s])
    load, into, got = [defaultdict(float), defaultdict(float)], defaultdict(float), defaultdict(float)
    wrong = []
    for _, origin, destination, product, amount in answer["flows"]:
        s, i, j, k = "ij".index(origin[0]), place(origin), place(destination), place(product)
        total += stages[s][1][k][i][j] * amount
        load[s][i, k] += amount
        (into if s == 0 else got)[j, k] += amount
        wrong += [] if i in opened[s] else [f"{origin} is used but closed"]
    for s, count in ((0, plants), (1, depots)):
        for i in range(count):
            for k in range(products):
                wrong += missed(f"load of {'ij'[s]}{i + 1}, product {k + 1}", load[s][i, k], stages[s][0][i][k])
    for j in range(depots):
        for k in range(products):
            wrong += missed(f"what leaves depot {j + 1}, product {k + 1}", load[1][j, k], into[j, k])
    for j in range(customers):
        for k in range(products):
            wrong += missed(f"customer {j + 1} gets too little of {k + 1}", demand[j][k], got[j, k])
    return total, wrong


def recheck(answer: dict, data: Path) -> tuple[float, list[str]]:
    """Cost of the answer by the published numbers, and what is wrong with it."""
    paths = sorted(path for path in data.rglob(answer["file"]) if path.is_file())
    if not paths:
        raise FileNotFoundError(f"{answer['file']} is not below {data}")
    family = answer["family"]
    word = re.fullmatch(r"cap[abc](\d+)", answer["instance"])
    take = Take(numbers(paths[0], float(word[1]) if word else None))
    if family.startswith("orlib_cflp"):
        return warehouses(take, answer, False, family.endswith("_ss"))
    if family == "sscflp_holmberg":
        return warehouses(take, answer, True, True)
    if family.startswith(("tscflp", "mptscflp")):
        return two_stages(take, answer, family.startswith("mptscflp"))
    raise ValueError(f"nothing is known here of the family {family}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("answers", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    failed = 0
    for path in given.answers:
        answer = json.loads(path.read_text(encoding="utf-8"))
        cost, wrong = recheck(answer, given.data)
        if abs(cost - answer["objective"]) > TOLERANCE * max(1.0, abs(cost)):
            wrong.append(f"the cost is {cost:.6f}, not {answer['objective']:.6f}")
        failed += bool(wrong)
        verdict = "holds" if not wrong else f"FAILS: {'; '.join(wrong[:3])}"
        print(f"{answer['instance']}: {cost:,.6f} (published {answer['published']:,.6f}) {verdict}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
