"""A name server of our own on a port: what it is told, and the ways in which real ones fail."""

from __future__ import annotations

import threading
import time
from collections import Counter

from dnslib import AAAA, MX, PTR, QTYPE, RCODE, RR, TXT, A, DNSLabel, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSServer

SERVFAIL = "servfail"
SILENT = "silent"
_RDATA = {"A": A, "AAAA": AAAA, "PTR": PTR}


class Names(BaseResolver):  # type: ignore[misc]
    """`zone` holds records as `{"TXT bank.example": ["v=spf1 -all"]}`; SERVFAIL or SILENT stand for a list. MX: `10 host`."""

    def __init__(self) -> None:
        self.zone: dict[str, list[str] | str] = {}
        self.asked: Counter[str] = Counter()
        self._quiet = _Quiet()
        self._servers = self._on_one_port()
        self.port = int(self._servers[0].server.server_address[1])
        for server in self._servers:
            server.server.daemon_threads = True
            server.start_thread()
        self.patience = threading.Event()

    def _on_one_port(self) -> list[DNSServer]:
        """TCP and UDP under one number: one that is free for the one may be somebody's for the other."""
        for _ in range(20):
            tcp = DNSServer(self, address="127.0.0.1", port=0, tcp=True, logger=self._quiet)
            port = int(tcp.server.server_address[1])
            try:
                return [tcp, DNSServer(self, address="127.0.0.1", port=port, logger=self._quiet)]
            except OSError:
                tcp.server.server_close()
        raise AssertionError("no port is free for TCP and UDP alike")

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def close(self) -> None:
        self.patience.set()
        for server in self._servers:
            server.stop()
            server.server.server_close()

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        reply = request.reply()
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        self.asked[f"{kind} {name}"] += 1
        found = self.zone.get(f"{kind} {name}")
        if found == SILENT:
            self.patience.wait(30)
        if found == SERVFAIL:
            reply.header.rcode = RCODE.SERVFAIL
        elif isinstance(found, list):
            for record in found:
                reply.add_answer(RR(DNSLabel(name), getattr(QTYPE, kind), rdata=_rdata(kind, record), ttl=60))
        elif not any(key.endswith(f" {name}") for key in self.zone):
            reply.header.rcode = RCODE.NXDOMAIN
        return reply


def _rdata(kind: str, record: str) -> object:
    if kind == "TXT":
        raw = record.encode("latin-1")
        return TXT([raw[at : at + 255] for at in range(0, len(raw), 255)] or [b""])
    if kind == "MX":
        preference, _, host = record.partition(" ")
        return MX(host, int(preference))
    return _RDATA[kind](record)


class _Quiet:
    def __getattr__(self, name: str) -> object:
        return lambda *args, **more: None


def wait_for(condition: object, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:  # type: ignore[operator]
        time.sleep(0.01)
