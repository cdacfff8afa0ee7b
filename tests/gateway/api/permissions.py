"""Reads the table of who may use which route (permissions.txt), for the tests and for docs/roles.md.

A line: method, path, then who is let in, in the order of the heading. `yes` or `-` for nobody in particular and for each role; at the
end the scopes of which a key needs one: `any` for every key, `-` for none of them but `admin`, `no key` where a key is never let in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("permissions.txt")
ROLES = ("agent", "supervisor", "compliance", "admin")


@dataclass(frozen=True)
class Row:
    method: str
    path: str
    nobody: bool
    roles: frozenset[str]
    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def lets_in(self, who: str) -> bool:
        """`who` is `nobody`, a role, or `key` with the scopes it has."""
        kind, *scopes = who.split()
        if kind == "nobody":
            return self.nobody
        if kind != "key":
            return kind in self.roles
        if self.keys == ("no key",):
            return False
        return self.keys == ("any",) or "admin" in scopes or any(scope in self.keys for scope in scopes)


def rows() -> list[Row]:
    found = []
    for line in TABLE.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        method, path, nobody, *roles, keys = (part.strip() for part in line.split("|"))
        let_in = frozenset(role for role, said in zip(ROLES, roles, strict=True) if said == "yes")
        wanted = () if keys == "-" else (keys,) if keys == "no key" else tuple(keys.split())
        found.append(Row(method, path, nobody == "yes", let_in, wanted))
    return found


def as_markdown() -> str:
    """The table of docs/roles.md: what is for those who are known. What anybody may do is left out."""
    lines = ["| route | agent | supervisor | compliance | admin | API keys with |", "|---|---|---|---|---|---|"]
    for row in rows():
        if row.nobody or not row.roles:
            continue
        said = " | ".join("yes" if role in row.roles else "" for role in ROLES)
        keys = "`admin`" if not row.keys else " or ".join(f"`{key}`" for key in row.keys)
        keys = {("any",): "any scope", ("no key",): "none"}.get(row.keys, keys)
        lines.append(f"| `{row.name}` | {said} | {keys} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_markdown(), end="")
