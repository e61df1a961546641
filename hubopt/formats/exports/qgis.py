"""Styles as QGIS stores them: QML, its own language, and SLD, the one of the Open Geospatial Consortium.

Both are built as XML trees, so that labels and values from the data are escaped whatever they hold.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from hubopt.formats.exports.symbols import OPEN_END, Class, Style, Symbol

QGIS_VERSION = "3.22.0"
"""Version whose style files these are like; later ones read them as well."""

_SLD = "http://www.opengis.net/sld"
_OGC = "http://www.opengis.net/ogc"
_MARKS = {"circle": "circle", "square": "square", "triangle": "triangle", "star": "star"}
"""Shapes that SLD knows by name; others are drawn as circles there."""

_PIXELS_PER_MM = 1 / 0.28
"""SLD measures in pixels of 0.28 mm."""

_LAYER_CLASS = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
_SIZES_MM = (0.8, 9.0)
"""Smallest and largest marker where the size follows a column."""


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def _options(parent: ET.Element, values: Mapping[str, str]) -> None:
    box = ET.SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        ET.SubElement(box, "Option", type="QString", name=name, value=value)


def _settings(symbol: Symbol) -> dict[str, str]:
    colour, stroke = _rgba(symbol.colour, symbol.opacity), _rgba(symbol.stroke, 1.0)
    if symbol.geometry == "line":
        return {
            "line_color": colour, "line_width": f"{symbol.width:g}", "line_width_unit": "MM", "line_style": "solid",
            "capstyle": "round", "joinstyle": "round",
        }  # fmt: skip
    own = {
        "color": colour, "outline_color": stroke, "outline_style": "solid", "outline_width": f"{symbol.width:g}",
        "outline_width_unit": "MM",
    }  # fmt: skip
    if symbol.geometry == "fill":
        return {**own, "style": "solid", "joinstyle": "bevel"}
    return {**own, "name": symbol.shape, "size": f"{symbol.size:g}", "size_unit": "MM", "scale_method": "area"}


def _size_expression(style: Style) -> str:
    """QGIS's expression of a marker's size in millimetres: its area follows the column."""
    column = style.size_by.replace('"', '""')
    return f'scale_exp(coalesce("{column}",0), 0, {style.size_most:g}, {_SIZES_MM[0]:g}, {_SIZES_MM[1]:g}, 0.5)'


def _add_symbol(parent: ET.Element, name: str, symbol: Symbol, style: Style) -> None:
    element = ET.SubElement(parent, "symbol", type=symbol.geometry, name=name, alpha="1", clip_to_extent="1")
    layer = ET.SubElement(
        element, "layer", {"class": _LAYER_CLASS[symbol.geometry], "pass": "0", "enabled": "1", "locked": "0"}
    )
    _options(layer, _settings(symbol))
    if not style.size_by or symbol.geometry != "marker":
        return
    box = ET.SubElement(ET.SubElement(layer, "data_defined_properties"), "Option", type="Map")
    ET.SubElement(box, "Option", type="QString", name="name", value="")
    properties = ET.SubElement(box, "Option", type="Map", name="properties")
    size = ET.SubElement(properties, "Option", type="Map", name="size")
    ET.SubElement(size, "Option", type="bool", name="active", value="true")
    ET.SubElement(size, "Option", type="QString", name="expression", value=_size_expression(style))
    ET.SubElement(size, "Option", type="int", name="type", value="3")
    ET.SubElement(box, "Option", type="QString", name="type", value="collection")


def _add_labels(root: ET.Element, style: Style) -> None:
    labelling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labelling, "settings")
    text = ET.SubElement(
        settings, "text-style", fieldName=style.label_by, fontSize="8", fontSizeUnit="Point", textColor="22,32,43,255"
    )
    ET.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor="255,255,255,255"
    )
    ET.SubElement(settings, "rendering", drawLabels="1", obstacle="1")


def qml(style: Style) -> str:
    """The style as QGIS's own file."""
    root = ET.Element(
        "qgis", version=QGIS_VERSION, styleCategories="Symbology|Labeling", labelsEnabled=str(int(bool(style.label_by)))
    )
    kinds = {"single": "singleSymbol", "categorized": "categorizedSymbol", "graduated": "graduatedSymbol"}
    renderer = ET.SubElement(root, "renderer-v2", type=kinds[style.kind], symbollevels="0", forceraster="0")
    if style.kind == "categorized":
        renderer.set("attr", style.column)
        box = ET.SubElement(renderer, "categories")
        for number, item in enumerate(style.classes):
            ET.SubElement(
                box, "category", type="string", value=item.value, label=item.label, symbol=str(number), render="true"
            )
    elif style.kind == "graduated":
        renderer.set("attr", style.column)
        renderer.set("graduatedMethod", "GraduatedColor")
        box = ET.SubElement(renderer, "ranges")
        for number, item in enumerate(style.classes):
            ET.SubElement(
                box, "range", lower=f"{item.least:.15f}", upper=f"{item.most:.15f}", label=item.label,
                symbol=str(number), render="true",
            )  # fmt: skip
    symbols = ET.SubElement(renderer, "symbols")
    for number, item in enumerate(style.classes):
        _add_symbol(symbols, str(number), item.symbol, style)
    if style.label_by:
        _add_labels(root, style)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def _sld(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_SLD}}}{tag}", attributes)
    element.text = text or None
    return element


def _css(parent: ET.Element, **values: str) -> None:
    for name, value in values.items():
        _sld(parent, "CssParameter", value, name=name.replace("_", "-"))


def _stroke(parent: ET.Element, colour: str, width: float, opacity: float = 1.0) -> None:
    shown = {"stroke": colour, "stroke_width": f"{width * _PIXELS_PER_MM:.2f}", "stroke_opacity": f"{opacity:g}"}
    _css(_sld(parent, "Stroke"), **shown)


def _add_symbolizer(rule: ET.Element, symbol: Symbol) -> None:
    if symbol.geometry == "line":
        _stroke(_sld(rule, "LineSymbolizer"), symbol.colour, symbol.width, symbol.opacity)
        return
    if symbol.geometry == "fill":
        shape = _sld(rule, "PolygonSymbolizer")
    else:
        graphic = _sld(_sld(rule, "PointSymbolizer"), "Graphic")
        shape = _sld(graphic, "Mark")
        _sld(shape, "WellKnownName", _MARKS.get(symbol.shape, "circle"))
        _sld(graphic, "Size", f"{symbol.size * _PIXELS_PER_MM:.2f}")
    _css(_sld(shape, "Fill"), fill=symbol.colour, fill_opacity=f"{symbol.opacity:g}")
    _stroke(shape, symbol.stroke, symbol.width)


def _comparison(parent: ET.Element, name: str, column: str, value: str) -> None:
    element = ET.SubElement(parent, f"{{{_OGC}}}{name}")
    ET.SubElement(element, f"{{{_OGC}}}PropertyName").text = column
    ET.SubElement(element, f"{{{_OGC}}}Literal").text = value


def _add_filter(rule: ET.Element, style: Style, item: Class) -> None:
    if style.kind == "single":
        return
    chosen = ET.SubElement(rule, f"{{{_OGC}}}Filter")
    if style.kind == "categorized":
        _comparison(chosen, "PropertyIsEqualTo", style.column, item.value)
    elif item.most >= OPEN_END:
        _comparison(chosen, "PropertyIsGreaterThanOrEqualTo", style.column, f"{item.least:g}")
    else:
        both = ET.SubElement(chosen, f"{{{_OGC}}}And")
        _comparison(both, "PropertyIsGreaterThanOrEqualTo", style.column, f"{item.least:g}")
        _comparison(both, "PropertyIsLessThan", style.column, f"{item.most:g}")


def sld(style: Style, layer: str) -> str:
    """The style as a Styled Layer Descriptor 1.0 of ``layer``; sizes are those of the classes, labels are left out."""
    ET.register_namespace("sld", _SLD)
    ET.register_namespace("ogc", _OGC)
    root = ET.Element(f"{{{_SLD}}}StyledLayerDescriptor", version="1.0.0")
    named = _sld(root, "NamedLayer")
    _sld(named, "Name", layer)
    own = _sld(named, "UserStyle")
    _sld(own, "Name", style.name)
    rules = _sld(own, "FeatureTypeStyle")
    for item in style.classes:
        rule = _sld(rules, "Rule")
        _sld(rule, "Name", item.label)
        _sld(rule, "Title", item.label)
        _add_filter(rule, style, item)
        _add_symbolizer(rule, item.symbol)
    return ET.tostring(root, encoding="unicode")
