"""Keys of custom data that are flags and no data: never commented, mapped or listed.

Source: docs/reference/sessions.md, Custom data.
"""

PREFIX = "reserved_"


def is_reserved(key: str) -> bool:
    """Tell whether a key is one of them, however it is written; also one that no flag stands for yet."""
    return key.strip().casefold().startswith(PREFIX)
