"""`python -m gateway` is `qingting`."""

from gateway.cli import main

main()
