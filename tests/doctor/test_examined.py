"""Each part of an installation is found wanting when it is, with the right mend."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from hubopt.doctor import run
from hubopt.doctor.packages import extra, python, required


@dataclass
class Described:
    """What an installation says of itself."""

    requires: list[str]
    metadata: Message = field(default_factory=Message)


def described(*requires: str, python: str = ">=3.11") -> Any:
    found = Described(list(requires))
    found.metadata["Requires-Python"] = python
    return found


def test_versions_are_held_against_the_description() -> None:
    """Absent and outdated packages are wrong, each with the version wanted; Python likewise."""
    own = described("numpy>=2", "pandas>=99", "no-such-package>=1", "typst>=99; extra == 'pdf'")
    found = required(own)
    assert (found.state, found.part) == ("wrong", "packages")
    assert found.values["command"] == "pip install 'pandas>=99' 'no-such-package>=1'"
    assert "no-such-package -" in found.found and "numpy" not in found.found
    assert required(described("numpy>=2")).state == python(own).state == "ok"
    assert python(described(python="<3")).values == {"wanted": "<3"}


def test_extras_may_be_absent_but_not_outdated() -> None:
    """A package that an extra lacks is optional; one of a wrong version is a fault; its own packages alone count."""
    own = described("pandas>=99", "no-such-package>=1; extra == 'pdf'", "numpy>=99; extra == 'osm'")
    assert extra(own, "pdf").state == "optional" and "hubopt[pdf]" in extra(own, "pdf").values["command"]
    assert extra(own, "osm").state == "wrong"
    assert extra(described("numpy>=2; extra == 'osm'"), "osm").state == "ok"


@pytest.mark.parametrize("script", ["print(2.8, 4.0)", "raise SystemExit('no licence')", "print('two')", "print(2.8)"])
def test_a_solver_that_is_wrong_or_fails_is_found(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another optimum, an exit code, or no figures: HiGHS is to be installed again."""
    (tmp_path / "small.py").write_text(script, encoding="utf-8")
    monkeypatch.setattr(run, "SMALL_PROGRAM", tmp_path / "small.py")
    found = run.solver()
    assert (found.state, found.mend) == ("wrong", "solver-mend")


def test_folders_without_access_or_room_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written, or too little, is said with the folder; nothing is left behind elsewhere."""
    assert run.place("folder", tmp_path).state == "ok" and not list(tmp_path.iterdir())
    assert run.place("folder", tmp_path / "gone").mend == "folder-mend"
    monkeypatch.setattr(run, "FREE_MB", 10**15)
    assert run.place("folder", tmp_path).mend == "room-mend"


def test_fonts_browsers_and_cases_that_lack_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Chinese font or a browser some things cannot be had; without its instances hubopt is not whole."""
    monkeypatch.setattr("hubopt.viz.plotting.installed_fonts", lambda: ["DejaVu Sans"])
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", lambda: [])
    assert (run.fonts().state, run.fonts().mend) == ("optional", "fonts-mend")
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", lambda: ["/x/NotoSansCJK-Regular.ttc"])
    assert run.fonts().mend == "fonts-stale-mend"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("webbrowser.get", _no_browser)
    assert run.browser().state == "optional"
    monkeypatch.setattr(run, "shipped_folder", lambda: None)
    assert run.cases().state == "wrong"


def _no_browser() -> None:
    raise run.webbrowser.Error
