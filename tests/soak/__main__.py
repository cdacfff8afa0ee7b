"""python -m tests.soak --minutes 60: mixed traffic for so long, and the count."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from case_store import schema
from tests.conftest import Cluster, postgresql_binaries
from tests.soak.mixed import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Mixed traffic on all channels, counted.")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two things that one customer says")
    asked = parser.parse_args()
    binaries = postgresql_binaries()
    if binaries is None:
        print("PostgreSQL is not installed here", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="qtsoak", dir="/tmp", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        place.chmod(0o755)  # the servers run as users of their own
        (place / "pg").mkdir()
        cluster = Cluster(binaries, place / "pg")
        cluster.initialise()
        cluster.start()
        try:
            cluster.run("CREATE DATABASE soak")
            schema.upgrade(cluster.url("soak"))
            result = asyncio.run(run(place, cluster, "soak", minutes=asked.minutes, pause=asked.pause))
        finally:
            cluster.stop()
    print(result.table())
    return 0 if result.whole else 1


if __name__ == "__main__":
    sys.exit(main())
