"""A Folium map as one file that asks for nothing: Leaflet goes inside, everything else Folium would fetch stays out.

Folium (through branca) renders a part's output a second time as a template, so a name such as ``{{ x }}`` would be
run. Nothing from the data, and no foreign script, therefore passes through Folium: the frame is rendered with marks
in it, and :func:`fill` puts the content in afterwards, in one pass, so that no content is looked at again.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, cast

import folium
from branca.element import Element, Figure

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""What the page may do: run and style what is in it, show images that are in it, and nothing over a network."""

_MARK = re.compile(r"<!--hubopt:([a-z-]+)-->")
_STYLE_URL = re.compile(r"url\(\s*['\"]?([^)'\"]+)['\"]?\s*\)")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def mark(name: str) -> str:
    """The mark in a rendered frame that :func:`fill` replaces by the content called ``name``."""
    return f"<!--hubopt:{name}-->"


def fill(frame: str, contents: Mapping[str, str]) -> str:
    """``frame`` with every mark replaced; raises KeyError for a mark without content."""
    return _MARK.sub(lambda found: contents[found.group(1)], frame)


def script_json(value: Any) -> str:
    """``value`` as JSON that can stand inside a script element whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def package_text(name: str) -> str:
    """A text file of this package's ``templates`` folder."""
    return (files("hubopt.viz") / "templates" / name).read_text(encoding="utf-8")


def without_cdn(base: folium.Map) -> None:
    """Take from ``base`` the scripts and style sheets that Folium links to by default."""
    base.default_js = []
    base.default_css = []


def empty_map(schematic: bool) -> folium.Map:
    """A map without tiles or anything from a network: of the earth or, if ``schematic``, of a plane."""
    base = folium.Map(
        location=[0, 0],
        zoom_start=1,
        tiles=None,
        crs="Simple" if schematic else "EPSG3857",
        font_size="13px",
        prefer_canvas=True,
        zoom_snap=0.25,
        min_zoom=-3 if schematic else 6,
        max_zoom=6 if schematic else 18,
    )
    base._id = "network"
    without_cdn(base)
    return base


def framed(base: folium.Map) -> str:
    """The page of ``base`` with marks for :func:`fill`: policy, leaflet and style in its head, panel and data below."""
    figure = cast(Figure, base.get_root())
    for index, name in enumerate(("policy", "leaflet"), start=1):
        figure.header.add_child(Element(mark(name)), name=name, index=index)
    figure.header.add_child(Element(mark("style")), name="style")
    for name in ("panel", "data"):
        figure.html.add_child(Element(mark(name)), name=name)
    return str(figure.render())


@cache
def leaflet_script() -> str:
    """Leaflet's script, without the comment that makes developer tools ask for its source map."""
    return _SOURCE_MAP.sub("", (_leaflet() / "leaflet.js").read_text(encoding="utf-8"))


@cache
def leaflet_style() -> str:
    """Leaflet's style sheet with its images inside as data URIs."""
    folder = _leaflet()

    def inlined(found: re.Match[str]) -> str:
        name = found.group(1)
        if name.startswith("#"):
            return found.group(0)
        content = base64.b64encode(folder.joinpath(*name.split("/")).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{content})"

    return _STYLE_URL.sub(inlined, (folder / "leaflet.css").read_text(encoding="utf-8"))


def _leaflet() -> Traversable:
    return files("js_lib_leaflet") / "static" / "js_lib_leaflet"
