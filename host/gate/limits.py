"""What JSON may be, whatever the door: one table for all who read."""

DEEPEST = 32
"""Levels of lists and objects in each other."""

LARGEST = 2**53
"""Beyond it JavaScript reads another number than was written."""

LONGEST_NUMBER = 17
"""Characters of the longest whole number that may be within `LARGEST`, its sign too."""

LONGEST_NAME = 500
"""Characters of a key."""

LONGEST_TEXT = 200_000
"""Characters of a single text of our users; most fields have far smaller limits of their own."""

MOST_VALUES = 100_000
"""In one document of our users."""
