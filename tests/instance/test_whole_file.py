"""Files that are written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hubopt.instance.whole_file import OWN, READABLE, write_whole


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step of writing fails, no part of it is left, and what stood there stands."""

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    (tmp_path / "b.json").write_text("before")
    monkeypatch.setattr(Path, "replace", fail)
    for name in ("a.json", "b.json"):
        with pytest.raises(OSError, match="disk full"):
            write_whole(tmp_path / name, b"{}")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("b.json", "before")]


@pytest.mark.parametrize("rights", [OWN, READABLE])
def test_a_file_has_the_rights_asked_for(tmp_path: Path, rights: int) -> None:
    """Also where a file of other rights stood."""
    for content in (b"one", b"two"):
        write_whole(tmp_path / "a", content, rights)
        assert (tmp_path / "a").read_bytes() == content
        assert (tmp_path / "a").stat().st_mode & 0o777 == rights
        (tmp_path / "a").chmod(0o640)
