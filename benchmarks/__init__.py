"""What Qingting's work costs, each beside something that is known: `python -m benchmarks`, or one row by its name.

One file a row. Both sides of a row run on one core, in turns, in one sitting; a figure alone says little, since the speed of a
machine drifts, so the table shows ratios of runs that followed each other. Every server is on loopback, every run is bounded.

Not here: tests (nothing fails for being slow), and the programs measured beside: those lie beside the repository, in
`../shared/bench` or under QINGTING_SHARED. Without them our own figures are shown.
"""
