"""Changes to files of every format, from single bytes to structure; each is a function of the bytes and of chance."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import re
import tarfile
from collections.abc import Callable, Sequence
from random import Random

Mutator = Callable[[bytes, Random], bytes]

NASTY = (
    "",
    " ",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "-1",
    "0",
    "-0",
    "1e308",
    "1e-320",
    "1e400",
    "99999999999999999999999",
    "9007199254740993",
    "0x10",
    "1_000",
    "1,5",
    "1.234,5",
    "1,234,567",
    "12 %",
    "True",
    "yes",
    "NULL",
    "None",
    "N/A",
    "2025-01-01",
    "1月2日",
    "2-Jan",
    "１２",
    "\u202egnp",
    "\x1b[31m",
    "\x00",
    "\r",
    "\n",
    '"',
    '""',
    "'",
    ";",
    "|",
    "\t",
    "=cmd|'/C calc'!A0",
    "=1+1",
    "@x",
    "../../../etc/passwd",
    "/etc/passwd",
    "<script>alert(1)</script>",
    "&amp;",
    "{{7*7}}",
    "%s%n",
    "é",
    "中",
    "\ufeff",
    "\ufffd",
    "𝟙𝟚",
    "a" * 3000,
    "9" * 400,
    "-" * 50,
    ".",
    "-.",
    "1e",
    "e1",
    "+1",
    "1.",
    "hub",
    "station",
    "hub-utc",
    "zone",
    "s1",
    "z1",
    "total",
    "EPSG:4326",
    "WGS84",
)
"""What people, spreadsheets and enemies put where something else is asked for."""

NUMBERS = (
    0,
    -1,
    1,
    -0.0,
    0.5,
    1e-9,
    -1e-9,
    1e3,
    1e6,
    1e12,
    1e300,
    -1e300,
    1e-300,
    91,
    -91,
    181,
    360,
    22.5,
    114.0,
    2**31,
    2**53 + 1,
    -(2**63),
    255,
    65536,
)

SNIPPETS = (
    *(text.encode() for text in NASTY),
    b"\xff",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\x80",
    b"\xc3\x28",
    b"\xd0\xc2",
    b"[[",
    b"]]",
    b"{",
    b"}",
    b"<!DOCTYPE a [",
    b"<![CDATA[",
    b"&a;",
    b"\x00\x00\x00\x00",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"null",
    b"true",
    b"[service]\n",
    b"chain = []\n",
    b"levels = 3\n",
    b"1e999",
    b"-",
    b"sep=;\n",
    b"SQLite format 3\x00",
    b"PAR1",
)


def _place(content: bytes, chance: Random) -> int:
    return chance.randrange(len(content) + 1)


def flip(content: bytes, chance: Random) -> bytes:
    """Change a few bits."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8)) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwrite(content: bytes, chance: Random) -> bytes:
    """Put a snippet over what stands there."""
    at, snippet = _place(content, chance), chance.choice(SNIPPETS)
    return content[:at] + snippet + content[at + len(snippet) :]


def insert(content: bytes, chance: Random) -> bytes:
    """Put a snippet, or noise, between."""
    at = _place(content, chance)
    what = chance.choice(SNIPPETS) if chance.random() < 0.8 else chance.randbytes(chance.randrange(1, 40))
    return content[:at] + what + content[at:]


def remove(content: bytes, chance: Random) -> bytes:
    """Take a piece out."""
    at = _place(content, chance)
    return content[:at] + content[at + chance.choice((1, 2, 10, 100)) :]


def repeat(content: bytes, chance: Random) -> bytes:
    """Say a piece twice, or many times."""
    at, size = _place(content, chance), chance.choice((1, 10, 100, 1000))
    return content[:at] + content[at : at + size] * chance.choice((2, 2, 20)) + content[at + size :]


def truncate(content: bytes, chance: Random) -> bytes:
    """Break off."""
    return content[: _place(content, chance)]


def move(content: bytes, chance: Random) -> bytes:
    """Put a piece elsewhere."""
    at, size = _place(content, chance), chance.choice((1, 10, 100))
    piece, rest = content[at : at + size], content[:at] + content[at + size :]
    to = _place(rest, chance)
    return rest[:to] + piece + rest[to:]


BYTES: tuple[Mutator, ...] = (flip, overwrite, insert, remove, repeat, truncate, move)


def one_of(mutators: Sequence[Mutator]) -> Mutator:
    """A mutator that picks one of several each time."""
    return lambda content, chance: chance.choice(mutators)(content, chance)


any_bytes = one_of(BYTES)


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def lines(content: bytes, chance: Random) -> bytes:
    """Lines left out, doubled, swapped, joined, or with a word replaced."""
    rows = _decoded(content).splitlines(keepends=True) or [""]
    at, other = chance.randrange(len(rows)), chance.randrange(len(rows))
    match chance.randrange(6):
        case 0:
            del rows[at]
        case 1:
            rows.insert(other, rows[at])
        case 2:
            rows[at], rows[other] = rows[other], rows[at]
        case 3:
            rows[at] = rows[at].rstrip("\r\n")
        case _:
            words = re.split(r"([\s,=&]+)", rows[at])
            words[chance.randrange(len(words))] = chance.choice(NASTY)
            rows[at] = "".join(words)
    return _encoded("".join(rows))


ENCODINGS = ("gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "cp1252")


def encoding(content: bytes, chance: Random) -> bytes:
    """The same text in another encoding."""
    text = content.decode("utf-8", "replace")
    name = chance.choice(
        ("gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "cp1252")
    )
    return text.encode(name, chance.choice(("ignore", "replace")))


def cells(content: bytes, chance: Random) -> bytes:
    """Cells, rows and columns of a CSV table changed, as one who types them would."""
    rows = list(csv.reader(io.StringIO(_decoded(content).replace("\0", ""), newline=""))) or [[""]]
    header = rows[0]
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        _change_table(rows, header, chance)
    out = io.StringIO()
    mark = chance.choice((",", ",", ",", ",", ",", ";", "\t", "|"))
    writer = csv.writer(out, delimiter=mark, lineterminator=chance.choice(("\n", "\n", "\r\n", "\r")))
    quoting = chance.random() < 0.1
    if quoting:
        writer = csv.writer(out, delimiter=mark, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    text = out.getvalue()
    if chance.random() < 0.03:
        text = f"sep={mark}\n{text}"
    if chance.random() < 0.03:
        text = re.sub(r"(?<=\d)\.(?=\d)", ",", text)
    return _encoded(text)


def _change_table(rows: list[list[str]], header: list[str], chance: Random) -> None:
    at = chance.randrange(len(rows))
    row = rows[at]
    column = chance.randrange(max(1, len(header)))
    match chance.randrange(14):
        case 0 | 1 | 2 | 3 if row:
            row[chance.randrange(len(row))] = chance.choice(NASTY)
        case 4 if row:
            row[chance.randrange(len(row))] = repr(chance.choice(NUMBERS) * chance.choice((1, -1, 1000)))
        case 5:
            for each in rows[1:]:
                if column < len(each):
                    each[column] = chance.choice((chance.choice(NASTY), each[column]))
        case 6:
            nasty = chance.choice(NASTY)
            for each in rows[1:]:
                if column < len(each):
                    each[column] = nasty
        case 7:
            for each in rows:
                del each[column : column + 1]
        case 8:
            for each in rows:
                each.insert(column, each[column] if column < len(each) else "")
        case 9 if len(rows) > 1:
            del rows[max(1, at)]
        case 10:
            rows.append(list(row))
        case 11:
            del rows[1:]
        case 12:
            row += [chance.choice(("", "x", "1"))] * chance.choice((1, 3))
        case 13 if header:
            header[column % len(header)] = chance.choice((*NASTY, *header))


def packed(mutator: Mutator) -> Mutator:
    """Changes of what is in a gzip, bzip2 or tar.gz file, packed again."""

    def change(content: bytes, chance: Random) -> bytes:
        if content[:3] == b"BZh":
            return bz2.compress(mutator(bz2.decompress(content), chance))
        inner = gzip.decompress(content)
        if inner[257:262] != b"ustar":
            return gzip.compress(mutator(inner, chance), 1)
        with tarfile.open(fileobj=io.BytesIO(inner)) as archive:
            members = [(item, archive.extractfile(item)) for item in archive.getmembers() if item.isfile()]
            texts = [(item.name, stream.read() if stream else b"") for item, stream in members]
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as archive:
            for name, text in texts:
                info = tarfile.TarInfo(chance.choice((name, name, "../../out", "/tmp/out")))
                if chance.random() < 0.1:
                    info.type, info.linkname = (
                        chance.choice((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE)),
                        "/etc/passwd",
                    )
                    archive.addfile(info)
                    continue
                changed = mutator(text, chance)
                info.size = len(changed)
                archive.addfile(info, io.BytesIO(changed))
        return out.getvalue()

    return change
