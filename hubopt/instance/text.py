"""Text of a file, or the problem that keeps it from being read; other encodings than UTF-8 only without a doubt."""

from __future__ import annotations

from pathlib import Path

from hubopt.instance.errors import Problem
from hubopt.instance.intake import TEXT_MB, unfit

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def _chinese(content: bytes) -> str | None:
    """``content`` as GBK text, if all of it is ASCII and the common characters of GB 2312; None if it is not.

    The two bytes of these characters are 0xA1 or more, which text in a western encoding hardly ever has in pairs.
    """
    try:
        return content.decode("gb2312")
    except UnicodeDecodeError:
        return None


def _otherwise(content: bytes) -> tuple[str | None, str]:
    """Text that is not in UTF-8, or None if its meaning is in doubt; and the encoding it seems to have."""
    if content.startswith(_UTF16):
        try:
            return content.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError:
            return None, "UTF-16"
    text = _chinese(content)
    if text is not None:
        return text, "GBK"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return None, "an unknown encoding"
    return None, "GBK (GB18030)"


def decoded(content: bytes, name: str, notes: list[Problem] | None = None) -> str | Problem:
    """The text of the bytes of a file in UTF-8, with or without byte order mark.

    Text in UTF-16 (with its mark) and in GBK (of common characters only) is read too if ``notes`` is given, which then
    says so.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        other, encoding = _otherwise(content)
        mend = "save it again as UTF-8 (in a spreadsheet: 'CSV UTF-8')"
        if other is None or notes is None:
            row = content.count(b"\n", 0, error.start) + 1
            return Problem(name, f"is not in UTF-8 but seems to be in {encoding}", mend, row=row)
        text = other
        notes.append(Problem(name, f"is in {encoding} and was read so", mend, warning=True))
    if (at := text.find("\ufffd")) >= 0:
        row = text.count("\n", 0, at) + 1
        message = "has characters that an earlier conversion destroyed"
        return Problem(name, message, "export it again from the original, as UTF-8", row=row)
    return text


def read_text(
    path: Path, *, inside: Path | None = None, notes: list[Problem] | None = None, most_mb: float | None = TEXT_MB
) -> str | Problem:
    """The text of a file, or why it cannot be read.

    Parameters
    ----------
    path
        The file.
    inside
        The folder of an instance or result that it belongs to; a link that leads out of it is refused.
    notes
        Where to say that the file was read in another encoding; None: such files are refused.
    most_mb
        Largest size in megabytes; None: that of every input file.
    """
    problem = unfit(path, inside=inside, most=None if most_mb is None else most_mb * 1e6)
    if problem is not None:
        return problem
    try:
        return decoded(path.read_bytes(), path.name, notes)
    except OSError as error:
        return Problem(path.name, f"cannot be read: {error.strerror}", "give a file that you may read")
