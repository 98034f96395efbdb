"""Reserved keys of custom data: they are flags, and are never put into comments, mapped or listed.

Source: docs/reference/sessions.md, Custom data.
"""

PREFIX = "reserved_"


def is_reserved(key: str) -> bool:
    """Tell whether a key is reserved, in any case; also one that has no meaning yet."""
    return key.strip().casefold().startswith(PREFIX)
