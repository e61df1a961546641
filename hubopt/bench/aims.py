"""What hubopt aims at on published instances, and sentences on whether a run's figures reach it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from hubopt.bench.figures import Run, above_known, counted_seconds, gap_of, is_solved
from hubopt.bench.tables import clock, percent

RIVAL = "HiGHS"
"""Whose seconds totals are compared with."""

NAMED = 20
"""Instances that missed an aim that a sentence names at most."""


@dataclass(frozen=True)
class Verdict:
    """Whether an aim was reached, and a sentence on it."""

    reached: bool
    told: str


@dataclass(frozen=True)
class Each:
    """An aim for each instance: proven within ``seconds``, or else so near to the best known value and to its bound.

    ``gap`` and ``above`` are shares; without them the answer is to be proven within the gap that was asked for.
    """

    seconds: float | None
    gap: float | None = None
    above: float | None = None

    @property
    def told(self) -> str:
        """The aim in words."""
        within = "" if self.seconds is None else f" within {self.seconds:g} s"
        if self.gap is None or self.above is None:
            return f"each proven{within}"
        return (
            f"each at most {100 * self.above:g} % above the best known value and with a proven gap of at most "
            f"{100 * self.gap:g} %{within}"
        )

    def reached(self, run: Run) -> bool:
        """Whether a run reached it."""
        if self.seconds is not None and (run["seconds"] is None or run["seconds"] > self.seconds):
            return False
        if self.gap is None or self.above is None:
            return is_solved(run)
        gap, above = gap_of(run["objective"], run["bound"]), above_known(run)
        return bool(run["checked"]) and gap is not None and gap <= self.gap and (above is None or above <= self.above)

    def verdict(self, ours: Sequence[Run], theirs: Mapping[str, Run]) -> Verdict | None:
        """Whether the runs reached it, and which did not."""
        missed = [run for run in ours if not self.reached(run)]
        if not missed:
            text = f"reached on {'all ' if len(ours) > 1 else ''}{len(ours)}"
        else:
            shown = ", ".join(_reach(run) for run in missed[:NAMED])
            more = f" and {len(missed) - NAMED} more" if len(missed) > NAMED else ""
            text = f"reached on {len(ours) - len(missed)} of {len(ours)}, missed on {shown}{more}"
        limit = ours[0]["limit_seconds"]
        shorter = f" (the limit here was {limit:g} s)" if self.seconds is not None and limit < self.seconds else ""
        return Verdict(not missed, f"{self.told}{shorter}: {text}.")


@dataclass(frozen=True)
class Total:
    """An aim for the seconds of all instances whose names fit ``names``: at most ``factor`` times the rival's."""

    factor: float
    names: str = "*"
    called: str = "in total"

    def verdict(self, ours: Sequence[Run], theirs: Mapping[str, Run]) -> Verdict | None:
        """Both totals; runs that did not solve their instance count the limit."""
        pairs = [
            (run, theirs[run["instance"]])
            for run in ours
            if run["instance"] in theirs and fnmatchcase(run["instance"], self.names)
        ]
        if not pairs:
            return None
        own, other = (sum(counted_seconds(pair[place]) for pair in pairs) for place in (0, 1))
        unsolved = [sum(not is_solved(pair[place]) for pair in pairs) for place in (0, 1)]
        counted = f" ({unsolved[0]} of hubopt's and {unsolved[1]} of {RIVAL}'s not solved count the limit)"
        reached = own <= self.factor * other
        return Verdict(
            reached,
            f"{self.called} at most {self.factor:.2g} times {RIVAL}'s seconds: {clock(own)} and {clock(other)} s, "
            f"{own / max(other, 1e-9):.2f} times{counted if any(unsolved) else ''}: "
            f"{'reached' if reached else 'missed'}.",
        )


AIMS: Mapping[str, tuple[Each | Total, ...]] = {
    "orlib_cflp": (Each(60.0), Total(1.5), Total(1 / 3, "cap[abc]*", "on capa, capb and capc")),
    "sscflp_holmberg": (Each(60.0),),
    "tscflp_fernandes2014": (Each(200.0, gap=0.005, above=0.001),),
    "mptscflp_kstar": (Each(None), Total(0.5)),
    "mptscflp_mauri2021": (Each(200.0, gap=0.005, above=0.0015),),
    "sslp": (Each(None),),
    "pmedian": (Each(None),),
    "hub": (Each(None),),
}
"""The aims by family of instances."""


def _reach(run: Run) -> str:
    """How far a run came."""
    above = above_known(run)
    beyond = "" if above is None else f"{percent(above)} % above, "
    gap = percent(gap_of(run["objective"], run["bound"]))
    return f"{run['instance']} ({beyond}gap {gap} %, {clock(run['seconds'])} s)"


def aims(runs: Sequence[Run], method: str) -> list[Verdict]:
    """The verdicts on the aims for the families of these runs."""
    found: list[Verdict] = []
    families = list(dict.fromkeys(run["family"] for run in runs))
    for family in families:
        ours = [run for run in runs if run["family"] == family and run["solver"] == method]
        theirs = {run["instance"]: run for run in runs if run["family"] == family and run["solver"] == RIVAL}
        whose = f" ({family})" if len(families) > 1 else ""
        for aim in AIMS.get(family, ()) if ours else ():
            if (verdict := aim.verdict(ours, theirs)) is not None:
                found.append(Verdict(verdict.reached, f"Aim{whose}: {verdict.told}"))
    return found
