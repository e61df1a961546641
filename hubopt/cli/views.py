"""Commands that show a result: map, report, charts, review map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hubopt.cli import reporting, results, reviewing
from hubopt.cli.exits import guarded
from hubopt.cli.options import OtherInstance, ResultDir, Threads, finite
from hubopt.cli.speech import Lang, LangOption


def map_command(
    result: ResultDir,
    instance: OtherInstance = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; none: map.html in RESULT.", show_default=False),
    ] = None,
    tiles: Annotated[
        str | None,
        typer.Option(metavar="SERVICE", help="Online tiles under the map: osm, or an address with {z}, {x} and {y}."),
    ] = None,
    tiles_credit: Annotated[
        str, typer.Option("--tiles-credit", metavar="TEXT", help="Whose tiles they are; the map says so.")
    ] = "",
    lang: LangOption = Lang.EN,
) -> None:
    """Draw the map of a result: one HTML file that opens without a network, unless online tiles are asked for."""
    with guarded():
        results.draw_map(result, instance, output, lang.value, tiles, tiles_credit)


def report(
    result: ResultDir,
    instance: OtherInstance = None,
    form: Annotated[
        reporting.ReportFormat, typer.Option("--format", help="A page for the screen, or a dossier to print.")
    ] = reporting.ReportFormat.HTML,
    against: Annotated[
        Path | None,
        typer.Option(metavar="RESULT", help="A result to compare with: the report names what the decisions cost."),
    ] = None,
    explained: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="What hubopt explain wrote; none: explained.json in RESULT, if there."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; none: report.FORMAT in RESULT.", show_default=False),
    ] = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Write the report on a result: an HTML page that opens without a network, or a PDF with a page for each site."""
    options = reporting.Options(instance, output, lang.value, form, against, explained)
    with guarded():
        reporting.write_report(result, options)


def charts(
    result: ResultDir,
    instance: OtherInstance = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder to write to; none: charts in RESULT.", show_default=False),
    ] = None,
    form: Annotated[
        reporting.ChartFormat, typer.Option("--format", help="Kind of the files.")
    ] = reporting.ChartFormat.SVG,
    lang: LangOption = Lang.EN,
) -> None:
    """Draw the charts of a result, each as a file of its own: cost, land, use, service, flows, proof and gap."""
    with guarded():
        reporting.write_charts(result, instance, output, lang.value, form)


def review(
    result: ResultDir,
    instance: OtherInstance = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; none: review.html in RESULT.", show_default=False),
    ] = None,
    prices: Annotated[
        bool, typer.Option("--prices", help="Estimate what it costs to force each site in or out; kept in RESULT.")
    ] = False,
    price_site: Annotated[
        list[str] | None,
        typer.Option(metavar="SITE", help="Solve again with this site forced the other way; may be repeated."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=finite, metavar="SECONDS", help="Time for the estimates and each run.")
    ] = 120.0,
    gap: Annotated[float, typer.Option(min=0.0, callback=finite, help="Relative gap at which a run stops.")] = 0.001,
    threads: Threads = 2,
    lang: LangOption = Lang.EN,
) -> None:
    """Draw the review map of a result: every candidate site, why it is in or out, and marks that solve takes back."""
    options = reviewing.Options(
        instance=instance,
        out=output,
        lang=lang.value,
        prices=prices,
        price_sites=price_site or [],
        time_limit=time_limit,
        gap=gap,
        threads=threads,
    )
    with guarded():
        reviewing.run(result, options)
