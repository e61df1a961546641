"""What a run is made on: a published file, a synthetic case, or a folder that holds an instance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from hubopt.bench.published import Known
from hubopt.bench.scale import scale_instance
from hubopt.formats.imports import Options, import_file
from hubopt.instance import Instance, Policy, read_instance, read_policy


@dataclass(frozen=True)
class PublishedFile:
    """A file in a published layout and what the import is told beside it."""

    format: str
    path: Path
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Synthetic:
    """A synthetic three-level case: zones, stations, centres, hubs; and the seed."""

    sizes: tuple[int, int, int, int]
    seed: int


@dataclass(frozen=True)
class Folder:
    """A folder that holds an instance, and the policy it is solved under (None: as it stands)."""

    path: Path
    policy: Path | None = None


Origin = PublishedFile | Synthetic | Folder


@dataclass(frozen=True)
class Case:
    """An instance of a suite; ``family`` is that of the table of published values."""

    name: str
    family: str
    origin: Origin
    known: Known | None = None

    def instance(self) -> tuple[Instance, Policy]:
        """The instance and its policy; raises InputError if its files are not sound."""
        origin = self.origin
        if isinstance(origin, Synthetic):
            return scale_instance(*origin.sizes, origin.seed)
        if isinstance(origin, Folder):
            policy = Policy() if origin.policy is None else read_policy(origin.policy)
            return read_instance(origin.path, geometry=False), policy
        return import_file(origin.format, origin.path, origin.options), Policy()

    def digest(self) -> str:
        """Digest of everything that the instance is made of: bytes of its files, options, sizes, seed."""
        digest = hashlib.sha256()
        for part in _parts(self.origin):
            digest.update(part)
        return digest.hexdigest()

    def as_json(self) -> dict[str, Any]:
        """What a process of its own needs to make the instance."""
        origin = self.origin
        kind = {PublishedFile: "file", Synthetic: "synthetic", Folder: "folder"}[type(origin)]
        content: dict[str, Any] = {item.name: _plain(getattr(origin, item.name)) for item in fields(origin)}
        return {"name": self.name, "family": self.family, "kind": kind, "origin": content}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Case:
        """The case of :meth:`as_json`, without the published value."""
        given = dict(content["origin"])
        origin: Origin
        if content["kind"] == "synthetic":
            sizes = tuple(int(size) for size in given["sizes"])
            assert len(sizes) == 4
            origin = Synthetic(sizes, int(given["seed"]))
        elif content["kind"] == "folder":
            origin = Folder(Path(given["path"]), None if given["policy"] is None else Path(given["policy"]))
        else:
            options = dict(given["options"])
            for name in ("capacities", "fixed_costs"):
                options[name] = None if options[name] is None else Path(options[name])
            origin = PublishedFile(given["format"], Path(given["path"]), Options(**options))
        return cls(content["name"], content["family"], origin)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value.resolve())
    if isinstance(value, Options):
        return {key: _plain(item) for key, item in asdict(value).items()}
    return list(value) if isinstance(value, tuple) else value


def _parts(origin: Origin) -> list[bytes]:
    if isinstance(origin, Synthetic):
        return [repr((origin.sizes, origin.seed)).encode()]
    if isinstance(origin, PublishedFile):
        figures = {key: value for key, value in asdict(origin.options).items() if not isinstance(value, Path)}
        beside = [path for path in (origin.options.capacities, origin.options.fixed_costs) if path is not None]
        if origin.format == "smps":
            beside += [origin.path.with_suffix(ending) for ending in (".tim", ".sto")]
        return [repr((origin.format, figures)).encode(), *(path.read_bytes() for path in (origin.path, *beside))]
    kinds = (".csv", ".toml", ".parquet")
    inside = sorted(path for path in origin.path.iterdir() if path.suffix in kinds and path.name != "recipe.toml")
    parts = [part for path in inside for part in (path.name.encode(), path.read_bytes())]
    return parts if origin.policy is None else [*parts, origin.policy.read_bytes()]
