"""The command line, and the processes that `patchbay serve` starts.

The work of a command (import settings, add keys) belongs to the feature's package; here it is called and its result is
printed. Read `cli.py` first.
"""
