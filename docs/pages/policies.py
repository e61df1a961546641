"""Page on the policy files that come with hubopt, from their headers."""

from __future__ import annotations

from pathlib import Path

from docs.pages.markdown import MADE, md_table
from hubopt.instance import Policy, read_policy

FOLDER = Path(__file__).resolve().parents[2] / "instances" / "policies"

FIRST = "least-cost"
"""The policy that all others are compared with."""


def policy_files() -> list[Path]:
    """The policy files, that of least cost first, the others by name."""
    return sorted(FOLDER.glob("*.toml"), key=lambda path: (path.stem != FIRST, path.stem))


def header(path: Path) -> list[str]:
    """The comment at the top of a policy file, as lines without the mark."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").removeprefix(" "))
    return lines


def as_markdown(lines: list[str]) -> str:
    """Paragraphs as they are; lines set in by two spaces, such as tables of figures, as preformatted text."""
    text, inside = "", False
    for line in lines:
        if line.startswith("  ") != inside:
            text += "```\n" if inside else "\n```text\n"
            inside = not inside
        text += (line.removeprefix("  ") if inside else line) + "\n"
    return text + ("```\n" if inside else "")


def _set_keys(policy: Policy) -> str:
    """The keys that a policy sets, names and description aside."""
    keys = policy.model_dump(exclude_defaults=True, exclude={"name_en", "name_zh", "description"})
    return ", ".join(f"`{key}`" for key in keys) or "none"


def policies_page() -> str:
    """What each policy file asks, why, and with which figures."""
    text = MADE + "# Ready-made policies\n\n"
    text += (
        "Policies are what a run asks of a network beyond the instance's own standards; all "
        "[keys](reference/policy.md) have a page of their own. Each file in `instances/policies/` says at its top what "
        "it asks, why, and where its figures come from; that is what stands here. `hubopt solve INSTANCE --policy "
        "instances/policies/NAME.toml` takes one.\n\n"
    )
    policies = {path: read_policy(path) for path in policy_files()}
    rows = [
        (f"[`{path.stem}`](#{path.stem})", policy.name_en, policy.name_zh, _set_keys(policy))
        for path, policy in policies.items()
    ]
    text += md_table(("file", "name", "名称", "keys that it sets"), rows)
    for path, policy in policies.items():
        text += f"## {path.stem}\n\n**{policy.name_en}** / {policy.name_zh}\n\n{as_markdown(header(path))}\n"
    return text
