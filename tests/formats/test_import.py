"""Imported instances state the published problem: their optimum is the value found by trying everything."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import numpy as np
import pytest

from hubopt.check import check
from hubopt.formats.imports import FORMATS, Options, import_file
from hubopt.instance import InputError, Instance, Policy, read_instance, sha256, validate, write_instance
from hubopt.solve import run
from hubopt.viz import report_html
from tests.formats import files
from tests.formats.solving import checked_optimum, program_of, relaxed_bound

NUMBERS = "\n".join


def imported(folder: Path, format: str, content: str | bytes, **options: object) -> Instance:
    """The instance of a file of the content; it has no problems."""
    instance = import_file(format, files.write(folder, "file.txt", content), Options(**options))  # type: ignore[arg-type]
    assert validate(instance) == []
    return instance


@pytest.mark.parametrize(
    ("format", "content", "options", "value"),
    [
        ("orlib-cflp", files.ORLIB, {}, files.least_with_split()),
        ("orlib-cflp", files.ORLIB, {"single_source": True}, files.least_single()),
        ("orlib-uflp", files.ORLIB_WORD, {}, files.least_single(room=False)),
        ("sscflp", files.HOLMBERG, {}, files.least_single()),
        ("sscflp", files.HOLMBERG, {"single_source": False}, files.least_with_split()),
        ("tscflp", files.TWO_STAGES, {}, files.least_two_stages(1)),
        ("mptscflp", files.TWO_PRODUCTS, {}, files.least_two_stages(2)),
        ("pmedian", files.GRAPH, {}, files.least_medians()),
        ("covering", files.COVER, {}, files.least_cover()),
        ("covering", files.POINTS, {"maximal": True}, 23.0),  # the corner covers 12, one of the far points 11
        ("hub", files.NODES, {}, files.hub_cost(single=True, fixed=False)),
        ("hub", files.NODES, {"single_source": False}, files.hub_cost(single=False, fixed=False)),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)
def test_the_optimum_is_that_of_trying_everything(
    tmp_path: Path, format: str, content: str | bytes, options: dict[str, object], value: float
) -> None:
    """The checked objective of an optimal plan is the least (covering demand: the largest) that enumeration finds."""
    report = checked_optimum(imported(tmp_path, format, content, **options))
    assert report.objective == pytest.approx(value, rel=1e-9)


def test_hubs_with_capacities_and_fixed_costs(tmp_path: Path) -> None:
    """With fixed costs p does not count, capacities are of what is collected, and an open hub serves its own node."""
    fixed = files.write(tmp_path, "fixed", " ".join(map(str, files.HUB_FIXED)))
    room = files.write(tmp_path, "room", "\n".join(map(str, files.HUB_ROOM)))
    instance = imported(tmp_path, "hub", files.NODES, fixed_costs=fixed, capacities=room)
    assert checked_optimum(instance).objective == pytest.approx(files.hub_cost(single=True, fixed=True), rel=1e-9)
    assert instance.structure.levels == {}


def test_matrices_say_the_same_as_coordinates(tmp_path: Path) -> None:
    """A hub file with distances gives the instance that its coordinates give."""
    far = ["0 3 5 4", "3 0 4 5", "5 4 0 3", "4 5 3 0"]
    matrices = NUMBERS(["4", *far, *files.NODES.splitlines()[5:]])
    one = imported(tmp_path, "hub", files.NODES)
    other = imported(tmp_path, "hub", matrices, matrices=True)
    assert one.arcs.equals(other.arcs)
    assert one.demand.equals(other.demand)


def test_the_word_capacity_stands_for_the_capacity_given(tmp_path: Path) -> None:
    """capa, capb and capc hold a word in place of every capacity."""
    instance = imported(tmp_path, "orlib-cflp", files.ORLIB_WORD, capacity=33.0)
    assert {item.throughput_t_d for item in instance.structure.designs} == {33.0}


def test_the_layouts_of_warehouses_agree(tmp_path: Path) -> None:
    """OR-Library's and Holmberg's layout of one problem give the same sites, demands and costs."""
    one = imported(tmp_path, "orlib-cflp", files.ORLIB)
    other = imported(tmp_path, "sscflp", files.HOLMBERG, single_source=False)
    for table in ("sites", "demand"):
        assert one.table(table).equals(other.table(table))
    np.testing.assert_allclose(one.arcs["km"], other.arcs["km"])


def test_customers_without_demand_still_cost(tmp_path: Path) -> None:
    """A customer who asks for nothing but costs something to serve is visited, without taking capacity."""
    text = files.ORLIB.replace(" 9\n 9. 27. 36.", " 0\n 9. 27. 36.")
    report = checked_optimum(imported(tmp_path, "orlib-cflp", text))
    asking, unit = [0, 1, 3], files.COST / [12, 20, 9, 16]
    sources = min(
        files.transport([files.CAPACITY[i] for i in opened], [12, 20, 16], unit[np.ix_(opened, asking)])
        + sum(files.FIXED[i] for i in opened)
        + files.COST[opened, 2].min()
        for opened in files.subsets(3)
    )
    assert report.objective == pytest.approx(sources, rel=1e-9)


def test_repeated_edges_count_as_given_last(tmp_path: Path) -> None:
    """Of the two lengths of edge 1-2 the later, 3, is in force, and an edge of length 0 joins its ends."""
    arcs = imported(tmp_path, "pmedian", files.GRAPH).arcs
    far = {(row.origin, row.destination): row.km for row in arcs.itertuples()}
    assert far["s1", "c2"] == 3
    assert far["s4", "c5"] == 0
    assert far["s3", "c5"] == 3


def test_a_number_of_facilities_replaces_that_of_the_file(tmp_path: Path) -> None:
    """With three medians instead of two every vertex is nearer."""
    three = imported(tmp_path, "pmedian", files.GRAPH, facilities=3)
    assert three.structure.levels["station"].max_open == 3
    assert checked_optimum(three).objective < files.least_medians()


def test_the_relaxation_is_that_of_the_strong_form(tmp_path: Path) -> None:
    """Without capacities the relaxation is worth what the textbook's, with a row x <= y for every pair, is worth."""
    warehouses = imported(tmp_path, "orlib-uflp", files.ORLIB)
    assert relaxed_bound(warehouses) == pytest.approx(files.strong_relaxation(files.COST, files.FIXED, None), rel=1e-7)
    medians = imported(tmp_path, "pmedian", files.GRAPH)
    value = files.strong_relaxation(files.ways_of_graph(), [0.0] * 5, 2)
    assert relaxed_bound(medians) == pytest.approx(value, rel=1e-7)


def test_demand_that_must_be_met_takes_no_columns(tmp_path: Path) -> None:
    """There is no variable of unmet demand, and one flow for each pair of site and customer."""
    program = program_of(imported(tmp_path, "orlib-cflp", files.ORLIB))
    assert "unmet" not in program.groups
    assert len(program.groups["flow"]) == 12


def test_one_level_is_solved_as_one_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many links there are, networks of one level are not solved in stages, which are for several."""
    monkeypatch.setattr(run, "STAGED_FROM", 1)
    solution = run.solve(imported(tmp_path, "sscflp", files.HOLMBERG), gap=0, threads=1)
    assert solution.proof.method == "monolith"
    assert solution.proof.objective == pytest.approx(files.least_single())


def test_plain_and_gzipped_files_are_alike(tmp_path: Path) -> None:
    """A gzipped file, whatever its name, gives the same instance."""
    plain = import_file("tscflp", files.write(tmp_path, "a.txt", files.TWO_STAGES))
    packed = import_file("tscflp", files.write(tmp_path, "a.gz", gzip.compress(files.TWO_STAGES.encode())))
    assert sha256(plain) == sha256(packed)


@pytest.mark.parametrize("packed", [False, True])
def test_the_mark_that_editors_put_in_front_is_no_number(tmp_path: Path, packed: bool) -> None:
    """A file saved as UTF-8 with a byte order mark and Windows' line ends is the same file, packed or not."""
    marked = codecs.BOM_UTF8 + files.TWO_STAGES.replace("\n", "\r\n").encode()
    given = import_file("tscflp", files.write(tmp_path, "a.txt", gzip.compress(marked) if packed else marked))
    assert sha256(given) == sha256(import_file("tscflp", files.write(tmp_path, "a.txt", files.TWO_STAGES)))


def test_an_imported_instance_survives_its_folder(tmp_path: Path) -> None:
    """Written and read again, with the fields and columns that only such instances have, it is the same."""
    for number, (format, content) in enumerate((("hub", files.NODES), ("mptscflp", files.TWO_PRODUCTS))):
        instance = imported(tmp_path, format, content)
        write_instance(instance, tmp_path / str(number))
        assert read_instance(tmp_path / str(number)) == instance.with_tables(
            **{name: instance.table(name).sort_values(list(key), ignore_index=True) for name, key in KEYS.items()}
        )


KEYS = {"arcs": ("leg", "origin", "destination", "mode"), "demand": ("zone", "commodity", "period"),
        "exchange": ("commodity", "zone", "group")}  # fmt: skip


DEFECTS = [
    ("orlib-cflp", files.ORLIB.replace("70.", "seven"), "row 9, column token 14: is not a number: a cost"),
    ("orlib-cflp", files.ORLIB[:-8], "row 13, column token 23: ends 2 numbers too early: a demand or cost"),
    ("orlib-cflp", files.ORLIB + "7", "follows where the file should end: 3 sites and 4 customers are all read"),
    ("orlib-cflp", files.ORLIB_WORD, "stands for the capacity of site 1, which the file leaves open"),
    ("orlib-cflp", files.ORLIB.replace(" 3 4", " 3.5 4"), "is not a whole number up to 100000: the number of sites"),
    ("orlib-cflp", files.ORLIB.replace("24.0", "-24"), "is not a number of at least 0: a cost of serving customer 1"),
    ("orlib-cflp", files.ORLIB.replace("24.0", "nan"), "is not a number of at least 0: a cost of serving customer 1"),
    ("orlib-cflp", files.ORLIB.replace("24.0", "2_4"), "is not a number: a cost of serving customer 1"),
    ("orlib-cflp", "", "ends 1 number too early: the number of sites"),
    ("orlib-cflp", files.ORLIB.replace("24.0", "1e99"), "is above 1e+15: a cost of serving customer 1"),
    ("orlib-uflp", "99999 999999" + " 1 1" * 99999, "numbers too early: a demand or cost is expected here"),
    ("sscflp", files.ORLIB.replace("60.0", "90.0"), "has capacities of 120 in all for a demand of 144"),
    ("tscflp", files.TWO_STAGES.replace("15 30", "5 30"), "has capacities of plants of 17 in all for a demand of 19"),
    ("mptscflp", files.TWO_STAGES, "is expected here"),
    ("pmedian", files.GRAPH.replace("3 4 3", "3 9 3"), "is not a whole number up to 5: an end of edge 3"),
    ("pmedian", files.GRAPH.replace("5 7 2", "5 7 6"), "is not a whole number up to 5: p, the number of medians"),
    ("covering", files.COVER.replace("2 2 3", "2 2 5"), "is not a whole number up to 4: a column that covers row 2"),
    ("hub", files.NODES.replace("0.75\n2\n", "0.75\n"), "ends 1 number too early: the cost of distribution"),
    ("hub", b"\x1f\x8bnot really packed", "is a damaged gzip file"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "content", "says"), DEFECTS, ids=range(len(DEFECTS)))
def test_a_defect_is_named_with_its_place(tmp_path: Path, format: str, content: str | bytes, says: str) -> None:
    """A malformed file is refused with the file, line and token, what stood there and what was expected."""
    with pytest.raises(InputError) as caught:
        import_file(format, files.write(tmp_path, "file.txt", content))
    assert says in str(caught.value)
    assert str(caught.value).startswith("file.txt")


def test_distances_must_be_the_same_both_ways(tmp_path: Path) -> None:
    """One arc serves both directions between hubs, so that other distances cannot be stated."""
    lines = ["2", "0 3", "4 0", "0 1", "1 0", "1", "1", "1", "1"]
    with pytest.raises(InputError, match="differ by direction"):
        import_file("hub", files.write(tmp_path, "f", NUMBERS(lines)), Options(matrices=True))


def test_options_of_other_formats_are_refused(tmp_path: Path) -> None:
    """An option that a format does not heed is a mistake, not silence."""
    with pytest.raises(InputError, match="--capacity says nothing to the format tscflp"):
        import_file("tscflp", files.write(tmp_path, "f", files.TWO_STAGES), Options(capacity=3.0))


def test_a_capacity_is_for_files_that_leave_it_open(tmp_path: Path) -> None:
    """One of 0 is none, and one beside capacities in numbers would be passed over."""
    path = files.write(tmp_path, "f", files.ORLIB_WORD)
    with pytest.raises(InputError, match="--capacity: is not above 0"):
        import_file("orlib-cflp", path, Options(capacity=0.0))
    path = files.write(tmp_path, "f", files.ORLIB)
    with pytest.raises(InputError, match="--capacity 50 says nothing"):
        import_file("orlib-cflp", path, Options(capacity=50.0))


@pytest.mark.parametrize("format", ["sscflp", "orlib-cflp"])
def test_a_demand_that_fits_no_site_cannot_have_one_source(tmp_path: Path, format: str) -> None:
    """It is named, as most likely the file is of another layout of as many numbers; several sources may serve it."""
    path = files.write(tmp_path, "f", files.HOLMBERG if format == "sscflp" else files.ORLIB)
    text = path.read_text().replace(" 20", " 55") if format == "sscflp" else path.read_text().replace(" 20\n", " 55\n")
    path.write_text(text)
    with pytest.raises(InputError, match="has a demand of 55, which must have one source, but no capacity above 50"):
        import_file(format, path, Options(single_source=True))
    assert len(import_file(format, path, Options(single_source=False)).sites) == 3


def test_set_covering_has_no_number_of_sites(tmp_path: Path) -> None:
    """``facilities`` is of maximal covering; for set covering it is refused."""
    path = files.write(tmp_path, "f", files.COVER)
    with pytest.raises(InputError, match="--facilities says nothing to set covering"):
        import_file("covering", path, Options(facilities=2))


def test_an_id_must_be_one(tmp_path: Path) -> None:
    """A name with a space is refused; a file name with spaces, or a very long one, gives an id all the same."""
    path = files.write(tmp_path, "a b " + "c" * 150 + ".txt", files.TWO_STAGES)
    with pytest.raises(InputError, match="is no id of an instance"):
        import_file("tscflp", path, Options(name="two words"))
    assert import_file("tscflp", path).info.id == "a-b-" + "c" * 96


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Every format says that there is no such file."""
    for format in FORMATS:
        with pytest.raises(InputError, match="none"):
            import_file(format, tmp_path / "none.txt")


def test_the_report_shows_classes_of_handling_of_its_own(tmp_path: Path) -> None:
    """Products with capacities of their own are classes that the catalogue of texts does not know: their ids stand."""
    instance = imported(tmp_path, "mptscflp", files.TWO_PRODUCTS)
    solution = run.solve(instance, gap=0, threads=1)
    assert solution.plan is not None
    report = check(instance, Policy(), solution.plan, cost=solution.cost, kpi=solution.kpi)
    for lang in ("en", "zh"):
        assert "<td>k2</td>" in report_html(instance, solution, report, lang)
