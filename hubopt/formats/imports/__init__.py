"""Published benchmark files to ordinary instances whose solved objective is the published number."""

from hubopt.formats.imports.formats import FORMATS, Format, import_file
from hubopt.formats.imports.options import Options

__all__ = ["FORMATS", "Format", "Options", "import_file"]
