"""What the domain name system says about the sender of a mail, asked with limits and kept as plain JSON.

Answers are records as text, by `TYPE name`; None where the answer could not be had now. They are kept with the arrival, so
that the mail is judged by what was published when it came, also when it is read again a year later and the keys have changed.

Not here: what is asked for a mail (authenticity.py), what the records mean (spf.py, signatures.py, dmarc.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

Answers = Mapping[str, list[str] | None]
"""Records by `TYPE name`. An empty list: there are none. None: nobody could say."""

EACH: Final = 4.0  # seconds for one question, tries included
ONE_TRY: Final = 1.5
CACHED: Final = 4_000
MOST_RECORDS: Final = 100
LONGEST_RECORD: Final = 4_096  # characters; a DKIM key of 4096 bits has some 800
LONGEST_NAME: Final = 253
LONGEST_LABEL: Final = 63


def key_of(kind: str, name: str) -> str:
    return f"{kind} {name.lower().rstrip('.')}"


def can_be_asked(name: str) -> bool:
    """Is this a name that the system could know?"""
    labels = name.rstrip(".").split(".")
    return name.isascii() and len(name) <= LONGEST_NAME and all(0 < len(label) <= LONGEST_LABEL for label in labels)


class Lookups:
    """Asks the machine's own resolvers, or `server` (address and port)."""

    def __init__(self, server: tuple[str, int] | None = None, each: float = EACH) -> None:
        self._each = each
        self._server = server
        self._resolver: Resolver | None = None

    def _made(self) -> Resolver:
        """The resolver, made when it is first needed: a start need not wait for its library. Raises DNSException."""
        if self._resolver is None:
            import dns.asyncresolver
            import dns.nameserver
            import dns.resolver

            made = dns.asyncresolver.Resolver(configure=self._server is None)
            if self._server is not None:
                made.nameservers = [dns.nameserver.Do53Nameserver(*self._server)]
            made.timeout = ONE_TRY
            made.cache = dns.resolver.LRUCache(CACHED)
            self._resolver = made
        return self._resolver

    async def ask(self, keys: Iterable[str], seconds: float) -> dict[str, list[str] | None]:
        """The answers to these questions, as far as they come within `seconds`; the others are None."""
        wanted = list(dict.fromkeys(keys))
        asking = {key: asyncio.create_task(self._records(key)) for key in wanted}
        try:
            if asking:
                await asyncio.wait(asking.values(), timeout=max(0.0, seconds))
            return {key: task.result() if task.done() else None for key, task in asking.items()}
        finally:
            for task in asking.values():
                task.cancel()
            await asyncio.gather(*asking.values(), return_exceptions=True)

    async def _records(self, key: str) -> list[str] | None:
        kind, _, name = key.partition(" ")
        if not can_be_asked(name):
            return []
        from dns.exception import DNSException
        from dns.name import from_text
        from dns.resolver import NXDOMAIN, YXDOMAIN, NoAnswer

        try:
            answer = await self._made().resolve(
                from_text(name), kind, lifetime=self._each, raise_on_no_answer=False, search=False
            )
        except (NXDOMAIN, NoAnswer, YXDOMAIN):  # final: the name or the type is not there
            return []
        except (DNSException, OSError):
            return None
        records = [_text(record) for record in list(answer.rrset or ())[:MOST_RECORDS]]
        return [record for record in records if len(record) <= LONGEST_RECORD]


def _text(record: object) -> str:
    from dns.rdtypes.ANY.MX import MX
    from dns.rdtypes.ANY.PTR import PTR
    from dns.rdtypes.ANY.TXT import TXT

    match record:
        case TXT():  # bytes as they are; who reads them knows their charset
            return b"".join(record.strings).decode("latin-1")
        case MX():
            return f"{record.preference} {record.exchange.to_text(omit_final_dot=True)}"
        case PTR():
            return record.target.to_text(omit_final_dot=True)
        case _:
            return str(record)
