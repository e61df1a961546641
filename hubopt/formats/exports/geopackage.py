"""The GeoPackage: layers with their styles in the table ``layer_styles``, where QGIS looks for them.

The same case gives the same file, byte for byte, with the same libraries.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyogrio

from hubopt.formats.exports.case import Case
from hubopt.formats.exports.layers import Layer, layers
from hubopt.formats.exports.qgis import qml, sld
from hubopt.instance import InputError, Problem
from hubopt.texts import Texts
from hubopt.viz.credits import credits_openstreetmap

_WRITTEN_AT = "2000-01-01T00:00:00.000Z"
"""Date inside the file, fixed so that the same case gives the same file."""

_STYLE_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256),
    f_table_schema TEXT(256),
    f_table_name TEXT(256),
    f_geometry_column TEXT(256),
    styleName TEXT(30),
    styleQML TEXT,
    styleSLD TEXT,
    useAsDefault BOOLEAN,
    description TEXT,
    owner TEXT(30),
    ui TEXT(30),
    update_time DATETIME
)
"""
"""The table as QGIS makes it."""


def _writable(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with columns that hold nothing as text, for which the format has a type."""
    empty = [str(name) for name in frame.columns if frame[name].dtype == object and frame[name].isna().all()]
    return frame.assign(**{name: pd.Series([None] * len(frame), dtype="str", index=frame.index) for name in empty})


def _metadata(case: Case, say: Texts) -> dict[str, str]:
    """What the file says about itself and its data."""
    info = case.instance.info
    found = {
        "TITLE": say("sheet.title", name=(info.name_zh if say.lang == "zh" else info.name_en) or info.id),
        "INSTANCE": info.id,
        "INSTANCE_SHA256": case.solution.proof.instance_sha256,
        "SOURCES": "; ".join(
            " ".join(part for part in (item.title, item.date, item.licence) if part)
            for item in case.instance.structure.sources
        ),
    }
    if credits_openstreetmap(case.instance):
        found["ATTRIBUTION"] = say("sheet.credit")
    return {name: value for name, value in found.items() if value}


def _add_styles(path: Path, shown: Sequence[Layer]) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(_STYLE_TABLE)
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (_WRITTEN_AT,),
        )
        for layer in shown:
            for number, style in enumerate(layer.styles):
                file.execute(
                    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
                    "styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
                    "VALUES ('', '', ?, 'geom', ?, ?, ?, ?, ?, '', NULL, ?)",
                    (layer.name, style.name, qml(style), sld(style, layer.name), number == 0, layer.title, _WRITTEN_AT),
                )


def write_geopackage(case: Case, path: Path, lang: str) -> list[str]:
    """Write the layers of a case to ``path``; the names of those that have a style, which are all.

    Raises
    ------
    InputError
        If no place of the instance has coordinates.
    """
    say = Texts(lang)
    shown = list(layers(case, say))
    if not shown:
        message = "has no coordinates, so there is nothing to draw"
        raise InputError([Problem(case.instance.info.id, message, "export an instance with coordinates")])
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _WRITTEN_AT})
    for number, layer in enumerate(shown):
        pyogrio.write_dataframe(
            _writable(layer.features),
            path,
            layer=layer.name,
            driver="GPKG",
            dataset_options={"VERSION": "1.3"},  # which QGIS of 2020 and later reads without a warning
            dataset_metadata=_metadata(case, say) if number == 0 else None,
            layer_options={"GEOMETRY_NAME": "geom", "IDENTIFIER": layer.title, "DESCRIPTION": layer.title},
        )
    _add_styles(path, shown)
    return [layer.name for layer in shown]
