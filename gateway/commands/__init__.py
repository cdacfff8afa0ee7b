"""The commands of `qingting`, one file for each group. They import what they need when they run: `--help` is quick."""
