"""Contexts of a browser that tests hand on to each other."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext


class Desks:
    """Browsers of agents that the tests of a module hand on: what was fetched and compiled stays, whoever was signed in does not.

    A page in a new context fetches and compiles a hundred modules, which costs more than what most tests do with it.
    """

    def __init__(self, chromium: Browser) -> None:
        self._chromium = chromium
        self._free: dict[str, list[BrowserContext]] = {}
        self._taken: list[tuple[str, BrowserContext]] = []

    def take(self, **options: Any) -> BrowserContext:
        kind = repr(sorted(options.items()))
        free = self._free.setdefault(kind, [])
        context = free.pop() if free else self._new(options)
        self._taken.append((kind, context))
        return context

    def put_back(self) -> None:
        """Takes all back, with nothing left of what the tests did: the console keeps only cookies and what goes with its tab."""
        for kind, context in self._taken:
            for page in context.pages[1:]:
                page.close()
            context.clear_cookies()
            self._free[kind].append(context)
        self._taken.clear()

    def _new(self, options: dict[str, Any]) -> BrowserContext:
        context = self._chromium.new_context(**options)
        context.set_default_timeout(60_000)
        context.new_page()  # an empty one that stays: with its last page a context loses what it has compiled
        return context
