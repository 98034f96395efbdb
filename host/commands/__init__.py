"""The command line, and the processes that `patchbay serve` starts.

What a command does for the product (import settings, add keys) belongs to the feature's package; here it is called
and its result is printed. Read `cli.py` first.
"""
