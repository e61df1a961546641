"""XML from outside: files that declare entities, which may expand without end or name other files, are refused."""

from __future__ import annotations

import zlib
from pathlib import Path
from xml.parsers import expat

from hubopt.instance.errors import InputError, Problem
from hubopt.instance.intake import unpacked

_CHUNK = 1 << 16
_MOST_HEAD = 1 << 24


class _DoctypeError(Exception):
    pass


class _RootError(Exception):
    pass


def _declares(*_: object) -> None:
    raise _DoctypeError


def _begins(*_: object) -> None:
    raise _RootError


def refuse_doctype(path: Path) -> None:
    """Refuse an XML file with a document type, which neither OpenStreetMap nor GraphML files have; pass other formats.

    Only the head of the file is read, up to its first element, in whatever encoding it declares.

    Raises
    ------
    InputError
        If there is a document type, or no element within the first 16 MB.
    """
    if path.suffix.lower() == ".pbf":
        return
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _declares
    parser.EntityDeclHandler = _declares
    parser.StartElementHandler = _begins
    mend = "write it without a document type, as OpenStreetMap tools do"
    read = 0
    try:
        with unpacked(path) as stream:
            while (chunk := stream.read(_CHUNK)) and read < _MOST_HEAD:
                read += len(chunk)
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except _RootError:
        return
    except _DoctypeError:
        raise InputError([Problem(path.name, "declares a document type, which may hold entities", mend)]) from None
    except (expat.ExpatError, ValueError, LookupError, OSError, EOFError, zlib.error) as error:
        raise InputError([Problem(path.name, f"is not XML: {error}", "give a sound file")]) from None
    raise InputError([Problem(path.name, "has no element", "give a sound file")])
