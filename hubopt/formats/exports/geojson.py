"""GeoJSON (RFC 7946): one collection in WGS84 with the features of all layers, each saying to which one it belongs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from hubopt.formats.exports.case import Case
from hubopt.formats.exports.layers import layers
from hubopt.texts import Texts
from hubopt.viz.credits import credits_openstreetmap

_DIGITS = 7
"""Decimals of a degree that are kept: about a centimetre."""


def _plain(value: Any) -> Any:
    """A cell as JSON has it: None for what is missing or not finite."""
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, np.generic):
        return _plain(value.item())
    return value if isinstance(value, (bool, int, float)) else str(value)


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, (list, tuple)):
        return [_rounded(part) for part in coordinates]
    return round(float(coordinates), _DIGITS)


def _geometry(shape: Any) -> dict[str, Any]:
    content = shapely.geometry.mapping(shape)
    return {"type": content["type"], "coordinates": _rounded(content["coordinates"])}


def _features(case: Case, say: Texts) -> Iterator[dict[str, Any]]:
    for layer in layers(case, say):
        table = layer.features.drop(columns=layer.features.geometry.name)
        names = [str(name) for name in table.columns]
        cells = table.astype(object).itertuples(index=False, name=None)
        for shape, row in zip(layer.features.geometry, cells, strict=True):
            properties = {"layer": layer.name} | {name: _plain(value) for name, value in zip(names, row, strict=True)}
            yield {"type": "Feature", "geometry": _geometry(shape), "properties": properties}
    placed = case.facilities["lon"].notna() & case.facilities["lat"].notna()
    for row in case.facilities[~placed].to_dict("records"):  # a facility without a position is part of the plan as well
        properties = {"layer": "facilities"} | {str(name): _plain(value) for name, value in row.items()}
        yield {"type": "Feature", "geometry": None, "properties": properties}


def feature_collection(case: Case, lang: str) -> dict[str, Any]:
    """The features of a case with what they are and whom to credit; properties are named as in the result's tables."""
    say = Texts(lang)
    info = case.instance.info
    content: dict[str, Any] = {
        "type": "FeatureCollection",
        "name": say("sheet.title", name=(info.name_zh if say.lang == "zh" else info.name_en) or info.id),
        "instance": info.id,
        "instance_sha256": case.solution.proof.instance_sha256,
    }
    if credits_openstreetmap(case.instance):
        content["attribution"] = say("sheet.credit")
    return {**content, "features": list(_features(case, say))}


def write_geojson(case: Case, path: Path, lang: str) -> None:
    """Write the collection of a case to ``path``, a feature a line."""
    content = feature_collection(case, lang)
    features = content.pop("features")
    head = json.dumps(content, ensure_ascii=False, allow_nan=False)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(head[:-1] + ', "features": [\n')
        lines = (json.dumps(item, ensure_ascii=False, allow_nan=False, separators=(",", ":")) for item in features)
        stream.write(",\n".join(lines))
        stream.write("\n]}\n")
