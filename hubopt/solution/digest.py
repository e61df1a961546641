"""Digest of a plan: the same for the same tables."""

from __future__ import annotations

import hashlib

from hubopt.solution.schema import PLAN_TABLES
from hubopt.solution.types import Plan


def plan_sha256(plan: Plan) -> str:
    """SHA-256 (hex) over the cells of every table in their order; amounts count to the last digit."""
    digest = hashlib.sha256()
    for table in PLAN_TABLES.values():
        frame = getattr(plan, table.name)
        digest.update(f"{table.name}\n".encode())
        digest.update(frame.to_csv(index=False, lineterminator="\n").encode())
    return digest.hexdigest()
