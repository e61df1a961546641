"""Published files, where they lie beside the project, import and solve to their values (optional local data)."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from hubopt.formats.imports import Options, import_file
from hubopt.instance import validate
from tests.formats.solving import checked_optimum, relaxed_bound

FOLDER = Path(os.environ.get("HUBOPT_BENCH") or Path(__file__).resolve().parents[3] / "shared" / "bench")

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published files are not here (HUBOPT_BENCH)")


def published(family: str, name: str) -> float:
    """The optimum or best known value of an instance."""
    with (FOLDER / "optima.csv").open(encoding="utf-8") as stream:
        rows = {(row["family"], row["instance"]): row for row in csv.DictReader(stream)}
    return float(rows[family, name]["optimum_or_best_known"])


SMALLEST = "kstar_nI10_nJ10_nK30_nL3_tI2_tJ2_s1.txt"


@pytest.mark.parametrize(
    ("format", "file", "family", "name"),
    [
        ("orlib-cflp", "orlib_cflp/cap41.txt", "orlib_cflp", "cap41"),
        ("orlib-uflp", "orlib_cflp/cap71.txt", "orlib_uflp", "cap71"),
        ("sscflp", "sscflp_holmberg/p1", "sscflp_holmberg", "p1"),
        ("mptscflp", f"mptscflp_kstar/{SMALLEST}", "mptscflp_kstar", SMALLEST),
    ],
)
def test_small_instances_have_their_published_optimum(format: str, file: str, family: str, name: str) -> None:
    """The checked objective of an optimal plan is the published number."""
    instance = import_file(format, FOLDER / file)
    assert validate(instance) == []
    assert checked_optimum(instance).objective == pytest.approx(published(family, name), rel=1e-8)


def test_a_large_instance_is_bounded_by_its_published_optimum() -> None:
    """capb with capacities of 5,000 has 100 sites and 1,000 customers, and a relaxation just below its optimum."""
    instance = import_file("orlib-cflp", FOLDER / "orlib_cflp" / "capb.txt.gz", Options(capacity=5000))
    assert (len(instance.sites), len(instance.zones), len(instance.arcs)) == (100, 1000, 100_000)
    assert instance.structure.service.single_sourcing == ()


def test_a_two_stage_instance_is_read_whole() -> None:
    """PSC1-C1-50 has 50 plants, 100 depots and 200 customers; its relaxation lies within 1 % below the best known."""
    instance = import_file("tscflp", FOLDER / "tscflp_fernandes2014" / "PSC1-C1-50.txt.gz")
    assert validate(instance) == []
    assert instance.sites["level"].value_counts().to_dict() == {"utc": 100, "hub": 50}
    best = published("tscflp_fernandes2014", "PSC1-C1-50")
    assert 0.99 * best < relaxed_bound(instance) < best


def test_files_that_end_in_garbage_are_read() -> None:
    """The first forty files of the single-source set can be read, whatever follows their last number."""
    names = sorted((FOLDER / "sscflp_holmberg").glob("p*"))
    sizes = {len(import_file("sscflp", path).zones) for path in names}
    assert len(names) == 40
    assert sizes == {50, 150}
