"""The study commands about sites: which are robust, and how often each is chosen, on a map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from hubopt.cli.exits import CHECK_FAILED, DONE, INTERRUPTED, err, guarded, out
from hubopt.cli.results import write_whole
from hubopt.cli.speech import Lang, LangOption, say, word
from hubopt.cli.study_options import (
    Csv,
    Gap,
    Markdown,
    NodeLimit,
    OtherInstance,
    Scheduler,
    StudyDir,
    TimeLimit,
    Workers,
    Xlsx,
    given,
    watching_workers,
)
from hubopt.cli.study_progress import StudyProgress
from hubopt.cli.tabling import print_table, write_tables


def robust(
    folder: StudyDir,
    regret: Annotated[
        bool, typer.Option("--regret", help="Find what fixing a site now would cost: solve again with it forced in.")
    ] = False,
    site: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SITE", help="Site whose regret is wanted; may be repeated; none: the most frequent ones."
        ),
    ] = None,
    share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Without --site: sites that at least this share of plans have.")
    ] = 0.5,
    stations: Annotated[bool, typer.Option("--stations", help="Look at stations too.")] = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    node_limit: NodeLimit = None,
    instance: OtherInstance = None,
    csv: Csv = None,
    xlsx: Xlsx = None,
    markdown: Markdown = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Tell the robust sites: how often each site and size is chosen, no-regret sites, the regret of fixing one now."""
    with guarded():
        from hubopt.study.scenarios import robust as sites_of
        from hubopt.study.scenarios.runner import Workers as Staff
        from hubopt.study.scenarios.store import Store
        from hubopt.study.scenarios.tables import planned, site_uses

        levels = ("hub", "utc", "station") if stations else ("hub", "utc")
        with Store(folder) as store:
            plans = len(planned(store))
            uses = [use for use in site_uses(store) if use.level in levels]
            wanted = list(site or sites_of.candidates(store, levels, share))
        tables = [sites_of.use_table(uses, plans)]
        print_table(tables[0])
        separator = say("cli-frame.list")
        for level in levels:
            always = [use.site for use in uses if use.always and use.level == level]
            listed = escape(separator.join(always)) or say("cli-compare.none")
            out.print("\n" + say("cli-study.no-regret", level=word("node", level), plans=plans, list=listed))
        code = DONE
        if regret or site:
            staff = Staff(scheduler=scheduler) if workers is None else Staff(workers, scheduler)
            options = given(gap=gap, time_limit=time_limit, node_limit=node_limit)
            with watching_workers(), StudyProgress(err) as progress:
                found, outcome = sites_of.regrets(
                    folder, wanted, options=options, workers=staff, instance_path=instance, told=progress
                )
            tables += [sites_of.regret_table(found), sites_of.cases_table(found)]
            out.print("\n" + say("cli-study.regret"))
            print_table(tables[1])
            code = INTERRUPTED if outcome.interrupted else CHECK_FAILED if outcome.failed else DONE
        write_tables(tables, csv, xlsx, markdown)
    raise typer.Exit(code)


def draw(
    folder: StudyDir,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; none: map.html in STUDY.", show_default=False),
    ] = None,
    instance: OtherInstance = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Draw how often each site is chosen across a study: one HTML file that opens without a network."""
    with guarded():
        from hubopt.instance import read_instance
        from hubopt.study.scenarios.store import Store
        from hubopt.study.scenarios.tables import planned, site_uses
        from hubopt.viz.frequency import Use, frequency_map

        with Store(folder) as store:
            record, plans, uses = store.record, planned(store), site_uses(store)
        case = read_instance(instance or (folder / record.instance_path).resolve())
        drawn = {
            use.site: Use(
                len(use.scenarios),
                [f"{design} x {modules} ({count})" for (design, modules), count in use.sizes.items()],
                [name for name in plans if name not in use.scenarios],
            )
            for use in uses
        }
        names = {"en": record.name_en, "zh": record.name_zh or record.name_en}
        write_whole(output or folder / "map.html", frequency_map(case, drawn, len(plans), names, lang.value))
