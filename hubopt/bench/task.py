"""One run: which solver on which case, within which limits; and everything that names it once and for all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import hubopt
from hubopt.bench.answers import Limits
from hubopt.bench.cases import Case
from hubopt.bench.rivals import RIVALS, version_of

OWN = "own"
"""Formulation of a rival that is handed hubopt's own program."""

Kind = Literal["hubopt", "rival", "compile"]


@dataclass(frozen=True)
class Solver:
    """Who solves: hubopt with a method, or a rival on a formulation; ``compile`` only makes hubopt's program."""

    kind: Kind
    name: str
    form: str = ""

    @property
    def label(self) -> str:
        """Short name for tables, such as ``hubopt auto`` or ``HiGHS weak``."""
        if self.kind != "rival":
            return f"{self.kind} {self.name}".strip()
        return f"{RIVALS[self.name].title} {self.form}"


@dataclass(frozen=True)
class Task:
    """A run to be made. ``program``: file of hubopt's own program, for rivals that are handed it."""

    suite: str
    case: Case
    solver: Solver
    limits: Limits
    program: Path | None = None

    def key(self) -> str:
        """The same for the same case, solver, limits and versions: such a run need not be repeated."""
        parts = {
            "case": self.case.digest(),
            "solver": asdict(self.solver),
            "limits": asdict(self.limits),
            "versions": dict(versions(self.solver)),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]

    def as_json(self) -> dict[str, Any]:
        """What the process of the run is told."""
        return {
            "case": self.case.as_json(),
            "solver": asdict(self.solver),
            "limits": asdict(self.limits),
            "program": None if self.program is None else str(self.program.resolve()),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Task:
        """The task of :meth:`as_json`."""
        program = content["program"]
        return cls(
            "",
            Case.from_json(content["case"]),
            Solver(**content["solver"]),
            Limits(**content["limits"]),
            None if program is None else Path(program),
        )


@cache
def code_digest(*rooms: str) -> str:
    """Digest of the code of some rooms or modules of the package."""
    root = Path(hubopt.__file__).parent
    digest = hashlib.sha256()
    for room in rooms:
        place = root / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.relative_to(root).as_posix().encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()[:16]


def versions(solver: Solver) -> Mapping[str, str]:
    """Versions of all that a run of the solver depends on."""
    own = {
        "hubopt": code_digest(
            "instance", "model", "solve", "check", "study/stochastic", "formats/imports", "bench/scale.py"
        )
    }
    if solver.kind != "rival":
        return own | {"highs": version_of("highs")}
    name = solver.name
    places = ("bench/textbook", "formats/imports", *(f"bench/rivals/{file}.py" for file in (name, "prototype")))
    found = {name: version_of(name), "formulation": code_digest(*places)}
    return found | (own if solver.form == OWN else {})
