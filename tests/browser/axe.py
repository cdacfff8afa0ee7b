"""What axe finds on a page.

The library's own way hands over every node that passed as well, some megabytes for a large page, and brings axe anew each time:
that took longer than the looking.
"""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""The tags of WCAG 2.2 AA."""
_LOOK = """async (tags) => {
  const found = await axe.run({ resultTypes: ["violations"], ...(tags.length && { runOnly: tags }) });
  return [found.violations, found.passes.length];
}"""


def found_by_axe(page: Page, *tags: str) -> list[str]:
    """The violations of the whole page; with `tags`, of the rules that bear one of them."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    violated, passed = page.evaluate(_LOOK, list(tags))
    assert passed, "axe has looked at nothing"
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in violated for node in one["nodes"]]
