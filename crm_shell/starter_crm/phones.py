"""Compares phone numbers by their digits."""

MATCHING_DIGITS = 7


def significant(number: str) -> str:
    """Return the digits that tell numbers apart, without the zeros of a trunk or international prefix.

    ``+44 20 7946 0958`` -> ``442079460958``; ``020 7946 0958`` -> ``2079460958``; ``*222*333*4444`` -> ``2223334444``.
    """
    return "".join(character for character in number if character in "0123456789").lstrip("0")


def tail(number: str) -> str:
    """Return the last seven digits (all when there are fewer): equal in all numbers that agree."""
    return significant(number)[-MATCHING_DIGITS:]


def agree(one: str, other: str) -> bool:
    """Tell whether two numbers are the same: one ends in the other, with seven digits or more.

    Shorter ones (extensions, short codes) must be equal, and no digits at all agree with nothing.
    """
    shorter, longer = sorted((significant(one), significant(other)), key=len)
    if len(shorter) < MATCHING_DIGITS:
        return bool(shorter) and shorter == longer
    return longer.endswith(shorter)
