"""Phone numbers: format them for a CRM, and compare numbers in different spellings.

The library `phonenumbers` parses; no number is checked for existence. Numbers of country code 1 are grouped here, 3-3-4
with blanks: the library writes hyphens, and reads `11234567890` as `+1234567890`.

Source: docs/reference/generic-api.md, Phone numbers; docs/reference/generic-api.md, Wrong hits.
"""

import re
import unicodedata
from enum import StrEnum

import phonenumbers

PLUS_ONE_DIGITS = 10
AGREE_DIGITS = 7
EQUAL_DIGITS = 3
LONGEST_TEXT = 200
_EXTENSION = re.compile(
    r"[\s,;.(]*(?:ext(?:ension|n)?|anexo|int|доб|x|#|~)\s*[.:=#]?\s*\d{1,7}\s*\)?\s*$", re.IGNORECASE
)
_NO_DIGITS = re.compile(r"[^0-9]+")
_LETTER = re.compile(r"[^\W\d_]")
_MASKED = re.compile(r"[*•·xX#?_█]{2,}")
_BETWEEN_NUMBERS = re.compile(r"[,;|&\n\r]+|\s/\s|\b(?:or|and)\b", re.IGNORECASE)
_WRITTEN = re.compile(r"(?:tel:)?\s*(\+?)([\d\s().\-/]*)", re.IGNORECASE)
_LAST_DIGITS = re.compile(r"last_digits:(\d+)")
_PLUS_ONE = 1


class PhoneFormat(StrEnum):
    """The format of numbers in CRM requests."""

    AUTOMATIC = "automatic"
    """`+1 222 333 4444`; in searches `*222*333*4444`."""
    E164 = "e164"
    """`+12223334444`."""
    US_LOCAL = "us_local"
    """`2223334444`."""
    US_LOCAL_STANDARD = "us_local_standard"
    """`(222) 333-4444`."""
    INTERNATIONAL = "international"
    """`+1 222 333 4444`."""


def for_create(number: str, fmt: PhoneFormat, region: str = "US") -> str:
    """Format a number for a request that creates or changes something.

    Args:
        number: `+12223334444`, or as people write it in `region`.
        fmt: The format in the settings.
        region: `US`: the region of numbers without a country code.

    Returns:
        `+1 222 333 4444` for `AUTOMATIC`; a number that can't be parsed, unchanged.
    """
    parsed = _parse(number, region)
    if parsed is None:
        return number
    country, groups = _groups(parsed)
    if fmt is PhoneFormat.E164:
        return f"+{country}{''.join(groups)}"
    if fmt in {PhoneFormat.AUTOMATIC, PhoneFormat.INTERNATIONAL}:
        return " ".join((f"+{country}", *groups))
    if country != _PLUS_ONE:
        return f"+{country}{''.join(groups)}"
    if fmt is PhoneFormat.US_LOCAL:
        return "".join(groups)
    area, exchange, line = groups
    return f"({area}) {exchange}-{line}"


def for_search(number: str, fmt: PhoneFormat, region: str = "US") -> str:
    """Format a number for a search.

    Returns:
        `*222*333*4444` for `AUTOMATIC`; else as `for_create`.
    """
    if fmt is not PhoneFormat.AUTOMATIC:
        return for_create(number, fmt, region)
    parsed = _parse(number, region)
    return number if parsed is None else "".join(f"*{group}" for group in _groups(parsed)[1])


def written(number: str, fmt: str, region: str, *, search: bool) -> str:
    """Format a number as the settings say.

    Args:
        number: As in `for_create`.
        fmt: One of `PhoneFormat`, or `last_digits:7`.
        region: As in `for_create`.
        search: True for a search, False for a request that creates or changes something.
    """
    if last := _LAST_DIGITS.fullmatch(fmt):
        return last_digits(number, int(last[1]))
    known = PhoneFormat(fmt)
    return for_search(number, known, region) if search else for_create(number, known, region)


def dialled(number: str, region: str = "US") -> str | None:
    """Return the number that a person has entered to call it; None when it is none.

    Args:
        number: `(222) 333-4444`, or in any other spelling of `region`.
        region: As in `for_create`.

    Returns:
        `+12223334444`, without an extension.
    """
    parsed = _parse(number, region) if len(number) <= LONGEST_TEXT else None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        return None
    country, groups = _groups(parsed)
    return f"+{country}{''.join(groups)}"


def last_digits(number: str, count: int) -> str:
    """Return the last `count` digits, or fewer when the number has fewer."""
    return digits(number)[-count:] if count > 0 else ""


def agree(one: str, other: str, region: str = "US") -> bool:
    """Tell whether two numbers can be the same.

    They agree when they are equal, in any length and spelling, or when the digits of one end in the national number of
    the other and that has 7 digits or more. Extensions do not count.
    """
    one, other = without_extension(one), without_extension(other)
    if _cannot_agree(one, other):
        return False
    first, second = _national(one, region), _national(other, region)
    if _ends_in(one, second) or _ends_in(other, first):
        return True
    return bool(_whole(one, region) & _whole(other, region))


def compare(one: str, other: str, region: str = "US") -> bool | None:
    """Tell whether two numbers agree, differ (False), or can't be compared (None).

    They can't be compared when one has no digits, masked digits, or so few that they may be the end of the other.
    """
    if agree(one, other, region):
        return True
    short, long = sorted((digits(without_extension(each)) for each in (one, other)), key=len)
    if not short or _MASKED.search(one) or _MASKED.search(other):
        return None
    return None if len(short) < AGREE_DIGITS and long.endswith(short.lstrip("0")) else False


def numbers_in(text: str) -> list[str]:
    """Split a text that holds several numbers: `222 333 4444 or 222 333 5555` are two."""
    parts = [part for part in _BETWEEN_NUMBERS.split(without_extension(text)) if len(digits(part)) >= EQUAL_DIGITS]
    return parts if len(parts) > 1 else [text]


def without_extension(number: str) -> str:
    """Cut `ext. 12`, `x12`, `#12` and the like off the end; a text of more than `LONGEST_TEXT` stays as it is."""
    if len(number) > LONGEST_TEXT:
        return number
    return _EXTENSION.sub("", number)


def digits(text: str) -> str:
    """Return the digits of a text; digits of other scripts become 0 to 9."""
    if text.isascii():
        return _NO_DIGITS.sub("", text)
    return "".join(str(unicodedata.decimal(character)) for character in text if character.isdecimal())


def national_digits(number: str, region: str = "US") -> str:
    """Return the digits of the national number; all digits of a number that can't be parsed."""
    return _national(number, region)


def _cannot_agree(one: str, other: str) -> bool:
    """Tell whether two numbers without letters end in different digits: a cheap check that comes first."""
    return not _LETTER.search(one + other) and digits(one)[-EQUAL_DIGITS:] != digits(other)[-EQUAL_DIGITS:]


def _ends_in(number: str, national: str) -> bool:
    return len(national) >= AGREE_DIGITS and digits(number).endswith(national)


def _whole(number: str, region: str) -> set[str]:
    """Return the digits of the whole number: as written, and with the country code."""
    written = digits(number)
    found = {written, written.removeprefix("00")}
    if (parsed := _parse(number, region)) is not None:
        country, groups = _groups(parsed)
        found.add(f"{country}{''.join(groups)}")
    return {each for each in found if len(each) >= EQUAL_DIGITS}


def _national(number: str, region: str) -> str:
    parsed = _parse(number, region)
    return digits(number) if parsed is None else "".join(_groups(parsed)[1])


def _parse(number: str, region: str) -> phonenumbers.PhoneNumber | None:
    """Parse a number; None when it is none."""
    if plus_one := _plus_one(number, region):
        return phonenumbers.PhoneNumber(country_code=_PLUS_ONE, national_number=int(plus_one))
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    return None if parsed.country_code == _PLUS_ONE and not _is_whole(parsed) else parsed


def _plus_one(number: str, region: str) -> str | None:
    """Return the ten digits of a +1 number without letters or extension."""
    found = _WRITTEN.fullmatch(number.strip())
    if found is None:
        return None
    national = digits(found[2])
    is_local = not found[1] and phonenumbers.country_code_for_region(region) == _PLUS_ONE
    if (found[1] or is_local) and len(national) == PLUS_ONE_DIGITS + 1 and national[0] == "1":
        national = national[1:]
    elif not is_local:
        return None
    return national if len(national) == PLUS_ONE_DIGITS and national[0] != "0" else None


def _is_whole(parsed: phonenumbers.PhoneNumber) -> bool:
    return len(phonenumbers.national_significant_number(parsed)) == PLUS_ONE_DIGITS


def _groups(parsed: phonenumbers.PhoneNumber) -> tuple[int, list[str]]:
    """Return the country code and the national number in groups: `(1, ["222", "333", "4444"])`."""
    country = parsed.country_code or 0
    if country == _PLUS_ONE:
        national = phonenumbers.national_significant_number(parsed)
        return country, [national[:3], national[3:6], national[6:]]
    whole = phonenumbers.PhoneNumber(
        country_code=country,
        national_number=parsed.national_number,
        italian_leading_zero=parsed.italian_leading_zero,
        number_of_leading_zeros=parsed.number_of_leading_zeros,
    )  # without the extension, which the library would append
    text = phonenumbers.format_number(whole, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return country, re.findall(r"[0-9]+", text.removeprefix(f"+{country}"))
