"""Text of a file, or the one problem that keeps it from being read."""

from __future__ import annotations

from pathlib import Path

from hubopt.instance.errors import Problem

_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def _other_encoding(content: bytes) -> str:
    """The encoding that ``content``, which is not UTF-8, seems to have."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "an unknown encoding"
    return "GBK (GB18030)"


def read_text(path: Path) -> str | Problem:
    """The text of a UTF-8 file, with or without byte order mark."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Problem(path.name, "there is no such file", "add the file to the folder")
    except OSError as error:
        return Problem(path.name, f"cannot be read: {error.strerror}", "give a file that you may read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        message = f"is not in UTF-8 but seems to be in {_other_encoding(content)}"
        return Problem(path.name, message, "save it again as UTF-8 (in a spreadsheet: 'CSV UTF-8')", row=row)
    if (at := text.find("\ufffd")) >= 0:
        row = text.count("\n", 0, at) + 1
        message = "has characters that an earlier conversion destroyed"
        return Problem(path.name, message, "export it again from the original, as UTF-8", row=row)
    return text
