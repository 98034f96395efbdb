"""What a check of `patchbay doctor` finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    what: str
    advice: str = ""
    """What to do; empty when all is well."""
    is_wrong: bool = False
    """False with advice: it works, but could be better."""

    def line(self) -> str:
        """`wrong  Database: ...`."""
        mark = "wrong" if self.is_wrong else "advice" if self.advice else "ok"
        return f"{mark:<6} {self.what}" + (f": {self.advice}" if self.advice else "")
