"""Page on what comes out: the result folder."""

from __future__ import annotations

from docs.pages.inputs import table_section
from docs.pages.markdown import MADE, record_table
from hubopt.solution import PLAN_FILES
from hubopt.solution.duals import DUAL_FILES
from hubopt.solution.record import ResultRecord
from hubopt.solution.site_prices import SitePrice, SitePrices


def result_page() -> str:
    """Files of a result."""
    text = MADE + "# The result folder\n\n"
    text += (
        "`hubopt solve` writes a folder, whole or not at all: `result.json`, the tables below, `facilities.gpkg` "
        "(points, if the sites have coordinates), `map.html`, `report.html`, `policy.toml` and `solver.log`. A run "
        "without a solution leaves no folder. A folder of another layout (`format`) is refused.\n\n## result.json\n\n"
    )
    text += record_table(ResultRecord)
    text += "".join(table_section(table, file) for file, table in PLAN_FILES.items())
    text += (
        "\nA proof by decomposition (`--method decompose`) leaves two tables more. A run with "
        "`--warm-start` begins with them: its bound is valid whatever was changed in the meantime.\n"
    )
    text += "".join(table_section(table, file) for file, table in DUAL_FILES.items())
    text += "\n## site_prices.json\n\nWritten beside a result by `hubopt review --prices`; `review.html` shows it.\n\n"
    return text + record_table(SitePrices) + "\nEach of `sites`:\n\n" + record_table(SitePrice)
