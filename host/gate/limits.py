"""The limits of JSON, for all readers."""

DEEPEST = 32
"""Levels of nested lists and objects."""

LARGEST = 2**53
"""Beyond it, JavaScript rounds whole numbers."""

LONGEST_NUMBER = 17
"""Characters of the longest whole number within `LARGEST`, with its sign."""

LONGEST_NAME = 500
"""Characters of a key."""

LONGEST_TEXT = 200_000
"""Characters of one text of our users; most fields have smaller limits."""

MOST_VALUES = 100_000
"""Values in one document of our users."""
