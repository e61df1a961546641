"""The generated pages say what the code does, and say all of it."""

from __future__ import annotations

import re

import pyomo.environ as pyo
import pytest

from docs.generate import FOLDER, PAGES
from docs.pages.markdown import md_table, plain
from docs.pages.mathematics import formulas, members, unit_of_rows, variables
from docs.pages.notation import INDICES, PARAMETERS, SETS, bases, known_bases, unit_of_figure
from docs.pages.policies import as_markdown, policy_files
from docs.policy_results import BEGIN, END, inserted, row
from hubopt.instance import TABLES, Policy
from hubopt.instance.figures import RECORDS
from hubopt.model import CONSTRAINTS, PARTS, build
from tests.instance.whole_city import whole
from tests.plans import tiny_solution


def page(name: str) -> str:
    """The committed text of a page."""
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_committed_page_is_the_generated_one(name: str) -> None:
    """Every generated page equals what docs/generate.py makes from the code; ``make docs`` mends it."""
    assert page(name) == PAGES[name]().rstrip() + "\n"


def test_every_link_leads_somewhere() -> None:
    """Links between pages lead to pages that exist, links within a page to one of its headings."""
    for name in PAGES:
        text = page(name)
        anchors = {re.sub(r"[^\w -]", "", title).strip().replace(" ", "-").lower() for title in _headings(text)}
        for link in re.findall(r"\]\(([^):]+)\)", text):
            path, _, anchor = link.partition("#")
            assert not path or ((FOLDER / name).parent / path).exists(), f"{name} links to {link}"
            assert path or anchor in anchors, f"{name} links to {link}"


def _headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", text, flags=re.M)


def test_there_is_no_stray_page() -> None:
    """Every page of docs/reference is made by the generator."""
    assert {path.name for path in (FOLDER / "reference").glob("*")} == {
        name.partition("/")[2] for name in PAGES if name.startswith("reference/")
    }


def test_every_field_of_an_instance_has_its_line() -> None:
    """The instance page has every column of every table and every key of every record of instance.toml."""
    text = page("reference/instance.md")
    fields = [column.name for table in TABLES.values() for column in table.columns]
    fields += [name for record, _ in RECORDS.values() for name in record.model_fields]
    assert [name for name in fields if f"| `{name}` |" not in text] == []


def test_every_number_of_a_policy_has_a_unit() -> None:
    """No row of the policy page that holds a number is without a unit, and every key has its row."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| .*\|$", page("reference/policy.md"), flags=re.M)
    assert {name for name, _, _ in rows} >= set(Policy.model_fields)
    numbers = [(name, unit) for name, kind, unit in rows if re.search(r"\bnumber\b", kind) and name != "year"]
    assert [name for name, unit in numbers if not unit] == []
    assert len(numbers) > 30


def test_the_model_page_has_every_variable() -> None:
    """Every variable of a model that asks for everything is in the table of variables, with domain and unit."""
    policy = Policy(stock_share_min=0.5, cost_cap_cny_year=1e9, unmet_share_max=0.5, carbon_cap_t_year=1e6)
    model = build(whole(), policy)
    there = {variable.name for variable in model.component_objects(pyo.Var)} - {"nothing"}
    listed = {item.name: item for item in variables()}
    assert there <= set(listed)
    assert all(item.index and item.domain and item.unit for item in listed.values())


def test_the_model_page_has_every_constraint_and_part() -> None:
    """Every family has a section with a formula, an index set and a unit; every cost part has a formula."""
    text = page("reference/mathematics.md")
    for name, constraint in CONSTRAINTS.items():
        section = text.partition(f"### `{name}`\n")[2].partition("\n### ")[0]
        assert "$$" in section, name
        assert f"Index set `{constraint.index_set.__name__}`: " in section, name
        assert re.match(r"(flow units|modules|sites|hectares|dimensionless|as a share of)", unit_of_rows(constraint)), (
            name
        )
    assert all(formulas()[f"cost {part}"] for part in PARTS)


def test_every_symbol_is_explained_and_every_explanation_used() -> None:
    """The formulas use no symbol that the tables do not explain, and the tables explain no symbol that none uses."""
    known = known_bases({item.name for item in variables()})
    used = {base: name for name, texts in formulas().items() for text in texts for base in bases(text)}
    assert {base: name for base, name in used.items() if base not in known} == {}
    explained = {base for base, table in known.items() if table in ("sets", "parameters", "expressions", "short")}
    assert explained - set(used) == set()


def test_every_parameter_has_a_unit_from_the_schema() -> None:
    """Symbols name figures that exist; each has a unit, and so has each coefficient of the network."""
    for symbol in PARAMETERS:
        assert symbol.unit, symbol.tex
        assert all(unit_of_figure(source) for source in symbol.sources), symbol.tex
    assert all(item.unit for item in members() if item.kind == "parameter")
    assert {item.kind for item in members()} == {"set", "parameter", "condition"}
    assert all(item.what for item in members())


def test_symbols_are_told_from_their_subscripts() -> None:
    """Decoration and worded superscripts belong to a symbol, subscripts, powers and operators do not."""
    formula = r"\sum_{a \in A^{out}_{i,k}} flow_{a,k,t} \le \overline{n}_{i,d} \, 10^4 \frac{gfa_d}{\sigma^{op}_l x^2}"
    assert list(bases(formula)) == ["a", "A^{out}", "flow", "\\overline{n}", "gfa", "\\sigma^{op}", "x"]
    assert list(bases(r"\min(q_i, 3) \text{may not close} e_{l(a')}")) == ["q", "e"]
    assert len({tex for tex, _ in INDICES} | {tex for tex, _ in SETS}) == len(INDICES) + len(SETS)


def test_formulas_of_several_lines_become_one() -> None:
    """A formula that goes on in the next line of a docstring is one displayed formula."""
    text = "Purpose.\n\n.. math:: a \\le b\n    \\qquad \\forall c\n\nIn modules, see :func:`x` and ``y``."
    assert plain(text) == "Purpose.\n\n$$a \\le b \\qquad \\forall c$$\n\nIn modules, see `x` and `y`."


def test_bars_in_cells_do_not_split_them() -> None:
    """A bar inside a cell is escaped, so that the table keeps its columns."""
    assert md_table(("a",), [("x|y",)]) == "| a |\n| --- |\n| x\\|y |\n\n"


def test_policies_are_explained() -> None:
    """Every policy has a section with both names and a header of its own; tables of figures keep their columns."""
    text = page("policies.md")
    for path in policy_files():
        section = text.partition(f"\n## {path.stem}\n")[2].partition("\n## ")[0]
        assert len(section) > 150, path.stem
        assert re.search("[一-鿿]", section), path.stem
    assert as_markdown(["a", "  b  1", "", "c"]) == "a\n\n```text\nb  1\n```\n\nc\n"


def test_the_table_of_policies_stands_between_its_marks() -> None:
    """A result's row shows its own cost and sites; writing the table twice changes nothing else on the page."""
    solution = tiny_solution()
    figures = row("least-cost", solution)
    assert figures[1] == f"{sum(solution.cost.values()) / 1e9:.3f} bn"
    assert figures[3] == f"{solution.kpi['sites.hub']:.0f}"
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    once = inserted(readme, "| one |")
    assert inserted(inserted(readme, "| another |"), "| one |") == once
    assert once.partition(BEGIN)[0] == readme.partition(BEGIN)[0]
    assert once.partition(END)[2] == readme.partition(END)[2]
    with pytest.raises(ValueError, match="no marks"):
        inserted("no place for it", "| one |")
