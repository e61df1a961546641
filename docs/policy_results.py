"""Write the table of policies in README.md from their results: ``python docs/policy_results.py RESULT...``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from docs.pages.markdown import md_table  # noqa: E402
from hubopt.solution import Solution, read_solution  # noqa: E402

BEGIN, END = "<!-- policies: written by `make policies` -->", "<!-- policies: end -->"
HEADS = (
    "policy", "cost, CNY/year", "proven gap", "hubs", "centres", "stations", "land, ha", "CO2e, kt/year",
    "stock in use", "worst outage still served",
)  # fmt: skip


def _last(solution: Solution, name: str) -> float | None:
    """An indicator, in the last of several periods."""
    kpi = solution.kpi
    if name in kpi:
        return kpi[name]
    found = sorted(key for key in kpi if key.rpartition(".")[0] == name and key.rpartition(".")[2].isdigit())
    return kpi[found[-1]] if found else None


def _shown(value: float | None, pattern: str, factor: float = 1.0) -> str:
    return "-" if value is None else pattern.format(value * factor)


def row(name: str, solution: Solution) -> tuple[str, ...]:
    """The figures of one result, as the table shows them."""
    gap = solution.proof.gap
    return (
        f"[{name}](docs/policies.md#{name})",
        _shown(sum(solution.cost.values()), "{:.3f} bn", 1e-9),
        _shown(gap, "{:.1f} %", 100),
        *(_shown(_last(solution, f"sites.{level}"), "{:.0f}") for level in ("hub", "utc", "station")),
        _shown(_last(solution, "land_ha.total"), "{:.1f}"),
        _shown(_last(solution, "kgco2e_year.total"), "{:.0f}", 1e-6),
        _shown(_last(solution, "stock.share"), "{:.0f} %", 100),
        _shown(_last(solution, "resilience.worst_share"), "{:.0f} %", 100),
    )


def table(results: Iterable[Path]) -> str:
    """The table of some result folders, named as they are."""
    rows = []
    for folder in results:
        solution = read_solution(folder)
        if solution.plan is not None:
            rows.append(row(folder.name, solution))
    return md_table(HEADS, rows)


def inserted(readme: str, text: str) -> str:
    """The page with the text between its marks.

    Raises
    ------
    ValueError
        If the marks are not there.
    """
    if BEGIN not in readme or END not in readme:
        raise ValueError(f"the page has no marks {BEGIN} and {END}")
    head, tail = readme.split(BEGIN)[0], readme.split(END)[1]
    return f"{head}{BEGIN}\n{text.strip()}\n{END}{tail}"


def main() -> None:
    """Write the table into README.md."""
    page = ROOT / "README.md"
    text = inserted(page.read_text(encoding="utf-8"), table(Path(name) for name in sys.argv[1:]))
    page.write_text(text, encoding="utf-8")
    print(f"wrote {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
