"""The house as an auditor sees it: whether it is marked for practice, and what its public API says is on record."""

from __future__ import annotations

from typing import Any

import aiohttp


class NotForPractice(Exception):
    """The house is not marked for practice; its words say what to do."""


class Refused(Exception):
    """The house does not let us look, or is not there."""


class Auditor:
    """Reads cases and conversations with an API key (scopes cases:read, conversations:read)."""

    def __init__(self, http: aiohttp.ClientSession, url: str, key: str) -> None:
        self._http, self._url = http, url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}

    async def check(self, *, forced: bool) -> None:
        """Raises NotForPractice, or Refused where nobody is there or the key opens nothing."""
        try:
            async with self._http.get(f"{self._url}/healthz") as answer:
                told = await answer.json()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Refused(f"there is no house at {self._url}: {error}") from error
        if told.get("practice") is not True and not forced:
            raise NotForPractice(
                f"the house at {self._url} is not marked for practice, and every customer played here files a case in it: "
                "start it with QINGTING_PRACTICE=yes, or say --force if it may be filled with invented cases"
            )
        for what in ("cases", "conversations"):
            if await self._get(f"/api/v1/{what}", limit="1") is None:
                raise Refused(f"the API key may not read {what}: it needs the scopes cases:read and conversations:read")

    async def conversation(self, id: str) -> dict[str, Any] | None:
        return await self._get(f"/api/v1/conversations/{id}")

    async def case(self, key: str) -> dict[str, Any] | None:
        return await self._get(f"/api/v1/cases/{key}")

    async def conversation_with(self, channel: str, words: str) -> dict[str, Any] | None:
        """The newest conversation on this channel in which a customer said these words."""
        found = await self._get("/api/v1/conversations", channel=channel, limit="200", messages="50")
        wanted = _plain(words)
        for one in (found or {}).get("items", ()):
            if any(_plain(said["text"]).startswith(wanted) for said in one["messages"] if said["sender"] == "customer"):
                return dict(one)
        return None

    async def record_of(self, conversation: dict[str, Any]) -> dict[str, Any] | None:
        """The case of a conversation; of several the one it is about now."""
        keys = [conversation.get("case"), *reversed(conversation.get("cases") or [])]
        for key in filter(None, keys):
            found = await self.case(str(key))
            if found is not None:
                return found
        return None

    async def _get(self, path: str, **query: str) -> dict[str, Any] | None:
        try:
            async with self._http.get(self._url + path, params=query, headers=self._headers) as answer:
                if answer.status == 200:
                    return dict(await answer.json())
                if answer.status in (401, 403, 404):
                    return None
                raise Refused(f"{path} is answered with {answer.status}")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Refused(f"{path} is not answered: {error}") from error


def _plain(words: str) -> str:
    """Enough of the words to know them again, whatever became of their line breaks."""
    return "".join(words.split())[:60]
