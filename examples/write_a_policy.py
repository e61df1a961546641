"""Write a policy: what a run asks of the network beyond the instance's own standards, as a TOML file.

The file says the same as the Python object; ``docs/reference/policy.md`` lists every key. Here land is short, carbon
has a price, and one transfer centre must be open.
"""

from __future__ import annotations

import sys
from pathlib import Path

import hubopt
from hubopt.instance import policy_toml


def main(file: Path) -> None:
    """Write the policy to ``file``, read it back, and solve under it."""
    policy = hubopt.Policy(
        name_en="Little land, dear carbon",
        name_zh="少用地、高碳价",
        description="What the network looks like if land is scarce and carbon is priced",
        land_ha={"total:total": 3.2},
        carbon_price_cny_t=500.0,
        force_open=("u-east",),
    )
    file.write_text(policy_toml(policy), encoding="utf-8")
    assert hubopt.load_policy(file) == policy
    solution = hubopt.solve("tiny", file, gap=0.001)
    print(policy)
    print(solution.proof.status, f"{solution.proof.objective:,.0f} CNY/year", f"{solution.kpi['land_ha.total']:.2f} ha")


if __name__ == "__main__":  # HiGHS runs in processes of its own
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "little-land.toml"))
