from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from hubopt.instance import InputError
from hubopt.instance import folder as folders
from hubopt.instance.folder import whole_folder


def write(target: Path, content: str, *, force: bool = False, fail: bool = False) -> None:
    with whole_folder(target, markers=["mark"], force=force) as folder:
        (folder / "mark").write_text(content)
        if fail:
            raise KeyboardInterrupt


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    """The folder is there at the end, parents too, and nothing beside it."""
    write(tmp_path / "a" / "b", "x")
    assert (tmp_path / "a" / "b" / "mark").read_text() == "x"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_an_interrupted_writing_leaves_nothing(tmp_path: Path) -> None:
    """An exception in the middle leaves no trace."""
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "b", "x", fail=True)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_replacing_keeps_the_old(tmp_path: Path) -> None:
    """An exception while replacing leaves the old folder as it was."""
    write(tmp_path / "b", "old")
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "b", "new", force=True, fail=True)
    assert (tmp_path / "b" / "mark").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_failing_last_step_restores_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where folders cannot change places in one step and the new one cannot be moved, the old one comes back."""
    write(tmp_path / "b", "old")
    monkeypatch.setattr(folders, "_exchanged", lambda *_: False)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target.name == "b" and self.name.startswith(".b-") and not self.name.startswith(".b-old"):
            raise OSError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="no"):
        write(tmp_path / "b", "new", force=True)
    assert (tmp_path / "b" / "mark").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_an_old_folder_that_was_put_aside_comes_back(tmp_path: Path) -> None:
    """A process that was killed between its two moves has left the old folder aside; the next to write puts it back."""
    write(tmp_path / ".b-old-x" / "b", "old")
    with pytest.raises(InputError, match="exists already"):
        write(tmp_path / "b", "new")
    assert (tmp_path / "b" / "mark").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """Temporary folders of processes that are no more go; those of one that lives, or of another machine, stay."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    here = socket.gethostname()
    names = {f".b-{here}.{dead.pid}-x", f".b-{here}.{os.getpid()}-x", f".b-elsewhere.{dead.pid}-x"}
    for name in names:
        (tmp_path / name).mkdir()
    write(tmp_path / "b", "new")
    assert {path.name for path in tmp_path.iterdir()} == names - {f".b-{here}.{dead.pid}-x"} | {"b"}


def test_force_replaces_a_folder_of_the_same_kind(tmp_path: Path) -> None:
    """With force the old folder is replaced; files that only it had are gone."""
    write(tmp_path / "b", "old")
    (tmp_path / "b" / "other").write_text("y")
    write(tmp_path / "b", "new", force=True)
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["mark"]


def test_an_existing_folder_is_refused(tmp_path: Path) -> None:
    """Without force an existing folder is refused, and an empty one is used."""
    write(tmp_path / "b", "old")
    with pytest.raises(InputError, match=r"exists already.*--force"):
        write(tmp_path / "b", "new")
    (tmp_path / "c").mkdir()
    write(tmp_path / "c", "x")
    assert (tmp_path / "c" / "mark").read_text() == "x"


def test_force_never_replaces_a_folder_of_another_kind(tmp_path: Path) -> None:
    """A folder without the marker file, such as a home folder, is refused even with force."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="holds no mark"):
        write(tmp_path / "home", "new", force=True)
    assert (tmp_path / "home" / "thesis.txt").exists()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path, place: str) -> None:
    """A file in the way is a problem with a mend, not a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="give"):
        write(tmp_path / place, "x")
