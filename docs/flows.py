"""The reference's flow charts, drawn from the `.dot` files beside them: `python -m docs.flows` (needs Graphviz)."""

import hashlib
import subprocess
from pathlib import Path

FLOWS = Path(__file__).resolve().parent / "reference" / "flows"


def mark_of(source: Path) -> str:
    """Return the comment that tells from which text a picture was drawn."""
    return f"<!-- drawn from {source.name} {hashlib.sha256(source.read_bytes()).hexdigest()} -->"


def draw(source: Path) -> None:
    """Draw one chart as SVG beside its text."""
    drawn = subprocess.run(["dot", "-Tsvg", source], check=True, capture_output=True, text=True).stdout  # noqa: S607
    svg = drawn[drawn.index("<svg") :]
    source.with_suffix(".svg").write_text(f"{mark_of(source)}\n{svg}", "utf-8")


if __name__ == "__main__":
    for each in sorted(FLOWS.glob("*.dot")):
        draw(each)
