"""Page on the command line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, get_type_hints

import typer

from docs.pages.markdown import MADE, md_table
from hubopt.cli import app


def _value_of(annotation: Any, info: Any) -> str:
    """What an option takes, as help would show it."""
    if info.metavar:
        return f" {info.metavar}"
    if annotation is bool:
        return ""
    if inspect.isclass(annotation) and issubclass(annotation, Enum):
        return " " + "|".join(member.value for member in annotation)
    return {int: " NUMBER", float: " NUMBER"}.get(annotation, " TEXT")


def _parameter_row(name: str, annotation: Any, default: Any) -> tuple[str, str, str]:
    kind, info = annotation.__args__[0] if annotation.__args__ else annotation, annotation.__metadata__[0]
    required = default is inspect.Parameter.empty
    shown = (
        "required"
        if required
        else ""
        if default is None or default is False
        else f"`{getattr(default, 'value', default)}`"
    )
    if isinstance(info, typer.models.ArgumentInfo):
        return f"`{info.metavar}`", shown, info.help or ""
    given = [text for text in (info.default, *(info.param_decls or ())) if isinstance(text, str)]
    options = given or ["--" + name.replace("_", "-")]
    return f"`{', '.join(options)}{_value_of(kind, info)}`", shown, info.help or ""


def _options(callback: Callable[..., Any]) -> str:
    hints = get_type_hints(callback, include_extras=True)
    parameters = inspect.signature(callback).parameters
    shown = [name for name in parameters if hints[name] is not typer.Context]
    rows = [_parameter_row(name, hints[name], parameters[name].default) for name in shown]
    return md_table(("option", "default", "what it does"), rows)


def _commands(group: typer.Typer, name: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every command with its full name."""
    for command in group.registered_commands:
        callback = command.callback
        assert callback is not None
        yield f"{name} {command.name or callback.__name__}", callback
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from _commands(inner.typer_instance, f"{name} {inner.name}")


def cli_page() -> str:
    """Commands and options."""
    callback = app.registered_callback.callback if app.registered_callback else None
    assert callback is not None
    text = MADE + "# The command line\n\n" + inspect.cleandoc(callback.__doc__ or "") + "\n\n" + _options(callback)
    for name, command in _commands(app, "hubopt"):
        text += f"## {name}\n\n{inspect.cleandoc(command.__doc__ or '')}\n\n{_options(command)}"
    return text
