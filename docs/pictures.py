"""Draw the pictures of README and docs from results: hubopt's own pages, opened in Chromium. ``make pictures`` runs it.

Shenzhen's come from ``results/sample``, those of the small city from a run of its own, that of the Greater Bay Area
from its instance. Beside the pictures lies ``made-from.csv`` with the digest of what each was drawn from; a test holds
it against what is there now.
"""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
MADE_FROM = IMAGES / "made-from.csv"
CHROMIUM = "/usr/bin/chromium"

SAMPLE, TINY, GBA = "results/sample", "instances/tiny", "instances/gba"


@dataclass(frozen=True)
class Picture:
    """A picture: the folder it comes from, the page that is opened, what is clicked on it, and its size in pixels."""

    source: str
    page: str
    clicks: Callable[[Any], None] | None = None
    language: str = "en"
    size: tuple[int, int] = (1400, 900)


def _today(page: Any) -> None:
    page.locator(".ticks button").first.click()


def _gateways(page: Any) -> None:
    """Hubs, gateways and the way between them, each direction in its colour."""
    for layer in ("utc", "station", "closed", "zones"):
        page.locator(f"#layer-{layer}").uncheck()
    legs = page.evaluate("hubopt.data.legs.map(String)")
    for leg in legs:
        page.locator(f"#layer-flow-{leg}").set_checked(leg == "gateway-hub")
    page.locator("#colour-by").select_option("direction")
    page.locator("#colour-by").scroll_into_view_if_needed()


def _service(page: Any) -> None:
    """Zones by the way to their transfer centre."""
    page.locator("#shading").select_option(index=1)
    for leg in page.evaluate("hubopt.data.legs.map(String)"):
        page.locator(f"#layer-flow-{leg}").uncheck()
    page.locator("#shading").scroll_into_view_if_needed()


def _a_site(page: Any) -> None:
    """The page that sites are reviewed on, with one of them chosen."""
    page.goto(page.url.split("#")[0] + "#site=u-east")
    page.reload()


PICTURES = {
    "map.png": Picture(SAMPLE, "map"),
    "measures-today.png": Picture(SAMPLE, "map", _today),
    "measures-gateways.png": Picture(SAMPLE, "map", _gateways),
    "measures-service.png": Picture(SAMPLE, "map", _service),
    "measures-gba.png": Picture(GBA, "check"),
    "tiny-map.png": Picture(TINY, "map", size=(1200, 760)),
    "tiny-map-zh.png": Picture(TINY, "map", language="zh", size=(1200, 760)),
    "tiny-review.png": Picture(TINY, "review", _a_site, size=(1400, 820)),
    "tiny-review-zh.png": Picture(TINY, "review", _a_site, language="zh", size=(1400, 820)),
}
"""Pictures by their file in ``docs/images``."""


def digest(source: str) -> str:
    """SHA-256 over the names and bytes of the tables and records of a folder."""
    total = hashlib.sha256()
    for path in sorted((ROOT / source).iterdir()):
        if path.suffix in {".csv", ".json", ".parquet", ".toml"}:
            total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def recorded() -> dict[str, tuple[str, str]]:
    """Source and its digest of each picture, as they were when it was drawn."""
    with MADE_FROM.open(encoding="utf-8", newline="") as file:
        return {row["picture"]: (row["source"], row["sha256"]) for row in csv.DictReader(file)}


def _hubopt(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "hubopt", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def pages(wanted: Iterable[Picture], folder: Path) -> dict[tuple[str, str, str], Path]:
    """The HTML pages of the pictures, by source, page and language."""
    made: dict[tuple[str, str, str], Path] = {}
    for picture in wanted:
        key = (picture.source, picture.page, picture.language)
        if key in made:
            continue
        result = picture.source
        if picture.source == TINY:
            result = str(folder / "tiny")
            if not Path(result).exists():
                _hubopt("solve", TINY, "--gap", "0.0001", "--out", result)
                _hubopt("review", result, "--prices")
        target = folder / ("-".join(key).replace("/", "-") + ".html")
        if picture.page == "check":
            _hubopt("data", "map", picture.source, "--out", str(target), "--lang", picture.language)
        else:
            _hubopt(picture.page, result, "--out", str(target), "--lang", picture.language)
        made[key] = target
    return made


def draw(names: Sequence[str]) -> None:
    """Draw pictures and record what they were drawn from."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    wanted = {name: PICTURES[name] for name in names}
    lines = recorded() if MADE_FROM.exists() else {}
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        made = pages(wanted.values(), Path(place))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, picture in wanted.items():
            width, height = picture.size
            page = browser.new_context(offline=True, viewport={"width": width, "height": height}).new_page()
            page.goto(made[picture.source, picture.page, picture.language].as_uri())
            if picture.clicks:
                picture.clicks(page)
            page.wait_for_timeout(800)
            shot = Image.open(BytesIO(page.screenshot()))
            shot.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)
            lines[name] = (picture.source, digest(picture.source))
            print(f"drew docs/images/{name}")
        browser.close()
    with MADE_FROM.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("picture", "source", "sha256"))
        writer.writerows((name, *lines[name]) for name in sorted(lines) if name in PICTURES)


if __name__ == "__main__":
    draw(sys.argv[1:] or list(PICTURES))
