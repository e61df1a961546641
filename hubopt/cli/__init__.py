"""The command line, ``hubopt``: parse, call the rooms, print, and end with an exit code that says how it went."""

from hubopt.cli.app import app, main

__all__ = ["app", "main"]
