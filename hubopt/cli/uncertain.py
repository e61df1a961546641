"""The stochastic command: sites and sizes that are best over scenarios."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import DONE, INFEASIBLE, INTERRUPTED, NO_SOLUTION, complain, err, guarded, out
from hubopt.cli.options import Force, InstanceDir, PolicyFile, Threads
from hubopt.cli.progress import amount, percent
from hubopt.cli.speech import Lang, LangOption, say, spoken
from hubopt.instance import InputError, Policy, Problem, apply, read_instance, read_policy
from hubopt.instance.folder import refuse_unless_free
from hubopt.texts import told

SCENARIO_FILES = ("scenarios.toml", "scenarios.csv")
"""Files of scenarios that are looked for in the folder of the instance."""


class Way(StrEnum):
    """How to solve."""

    AUTO = "auto"
    EXTENSIVE = "extensive"
    HEDGING = "hedging"
    L_SHAPED = "l-shaped"


class MeasureKind(StrEnum):
    """What is minimised."""

    EXPECTED = "expected"
    CVAR = "cvar"
    REGRET = "regret"


def _scenario_file(instance: Path, given: Path | None) -> Path:
    if given is not None:
        return given
    found = [instance / name for name in SCENARIO_FILES if (instance / name).is_file()]
    if not found:
        problem = Problem(str(instance), "holds no scenarios.toml", "give a file of scenarios with --scenarios")
        raise InputError([problem])
    return found[0]


def _span(interval: object) -> str:
    """An interval in words: one number where both ends print alike."""
    lower, upper = getattr(interval, "lower", math.nan), getattr(interval, "upper", math.nan)
    ends = [amount(value) if math.isfinite(value) else "?" for value in (lower, upper)]
    return ends[0] if ends[0] == ends[1] else say("cli-stochastic.span", lower=ends[0], upper=ends[1])


def run(
    instance_path: Path, scenario_path: Path | None, policy_path: Path | None, folder: Path, question: object, *,
    force: bool,
) -> int:  # fmt: skip
    """Solve, print and write; the exit code.

    Raises
    ------
    InputError
        For mistakes in the instance, the scenarios, the policy or the output folder; nothing is written.
    """
    from dataclasses import replace

    from hubopt.study.stochastic.run import stochastic
    from hubopt.study.stochastic.scenarios import read_scenarios
    from hubopt.study.stochastic.types import Question
    from hubopt.study.stochastic.write import RECORD, write_outcome

    assert isinstance(question, Question)
    refuse_unless_free(folder, force, [RECORD])
    instance = read_instance(instance_path, geometry=False)
    policy = Policy() if policy_path is None else read_policy(policy_path)
    apply(instance, policy)
    path = _scenario_file(instance_path, scenario_path)
    scenarios = read_scenarios(path)

    def tell(sentence: str) -> None:
        err.print(escape(say("cli-stochastic.step", what=told(sentence, spoken()))))

    outcome = stochastic(instance, scenarios, replace(question, policy=policy), tell=tell, file=path.name)
    if not outcome.leads:
        return DONE
    _print(outcome)
    write_outcome(outcome, folder, force=force)
    out.print(say("cli-frame.written", path=folder), markup=False)
    if outcome.limit == "interrupt":
        return INTERRUPTED
    if outcome.status == "infeasible":
        complain(say("cli-stochastic.infeasible"))
        return INFEASIBLE
    if outcome.status in ("no-solution", "error"):
        complain(say("cli-stochastic.no-plan"))
        return NO_SOLUTION
    return DONE


def _print(outcome: object) -> None:
    from hubopt.study.stochastic.types import Outcome

    assert isinstance(outcome, Outcome)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, key in enumerate(("scenario", "probability", "cost", "alone", "regret")):
        table.add_column(say(f"cli-stochastic.{key}"), justify="left" if place == 0 else "right")
    for line in outcome.lines:
        has = line.chosen.plan is not None
        table.add_row(
            escape(line.id), percent(line.probability), amount(line.chosen.cost.upper) if has else "-",
            _span(line.alone), _span(line.regret) if has else "-",
        )  # fmt: skip
    out.print(table)
    kind, value = outcome.question.measure.kind, outcome.value
    lines = [(say(f"cli-stochastic.measure-{kind}"), _span(value))]
    if outcome.gap is not None:
        lines.append((say("cli-stochastic.gap"), percent(outcome.gap)))
    for key, number in (("expected", outcome.expected), ("cvar", outcome.cvar), ("largest-regret", outcome.regret)):
        if number is not None and math.isfinite(number):
            lines.append((say(f"cli-stochastic.{key}"), amount(number)))
    for key, interval in (("mean-plan", outcome.mean), ("vss", outcome.vss), ("evpi", outcome.evpi)):
        if interval is not None:
            lines.append((say(f"cli-stochastic.{key}"), _span(interval)))
    for name, text in lines:
        out.print(escape(say("cli-stochastic.line", name=name, value=text)))


def command(
    instance: InstanceDir,
    scenarios: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Scenarios (TOML or CSV); none: scenarios.toml or scenarios.csv in INSTANCE.",
            show_default=False,
        ),
    ] = None,
    policy: PolicyFile = None,
    measure: Annotated[MeasureKind, typer.Option(help="What is minimised over the scenarios.")] = MeasureKind.EXPECTED,
    alpha: Annotated[
        float, typer.Option(min=0.0, max=0.999, help="cvar: the worst 1 - alpha of all chances count.")
    ] = 0.9,
    weight: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="cvar: its weight; the rest is the expected cost's.")
    ] = 1.0,
    method: Annotated[
        Way, typer.Option(help="One program of all scenarios, progressive hedging, or the integer L-shaped method.")
    ] = Way.AUTO,
    gap: Annotated[float, typer.Option(min=0.0, max=1.0, help="Relative gap at which the search stops.")] = 0.01,
    time_limit: Annotated[
        float, typer.Option(min=1.0, max=1e9, metavar="SECONDS", help="Time for the whole run.")
    ] = 600.0,
    threads: Threads = 1,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Random seed of the solver.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder to write; none: results/INSTANCE-stochastic.", show_default=False
        ),
    ] = None,
    force: Force = False,
    lang: LangOption = Lang.EN,
) -> None:
    """Decide sites and sizes before it is known which scenario comes: least expected cost, risk or regret.

    Flows, links and unmet demand follow in each scenario; every scenario's plan is checked. Ctrl-C keeps the best.
    """
    with guarded():
        from hubopt.study.stochastic.measures import Measure
        from hubopt.study.stochastic.types import Question

        question = Question(
            measure=Measure(measure.value, alpha, weight), method=method.value, gap=gap, time_limit=time_limit,
            threads=threads, seed=seed,
        )  # fmt: skip
        folder = output or Path("results") / f"{instance.resolve().name}-stochastic"
        code = run(instance, scenarios, policy, folder, question, force=force)
    raise typer.Exit(code)
