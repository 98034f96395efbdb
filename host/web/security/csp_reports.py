"""`/csp-reports`: counts browsers' reports of policy violations for `/metrics`.

Reports contain addresses, which may contain names and tokens. Only the kind of page and the directive are kept.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, get_args
from urllib.parse import urlsplit

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from host.web import inputs
from host.web.current import services
from host.web.security import csrf, headers
from host.web.security.csp import REPORTS

OTHER = "other"
DIRECTIVES = frozenset(
    {
        *("default-src", "connect-src", "font-src", "frame-src", "img-src", "media-src", "object-src", "worker-src"),
        *("script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem", "style-src-attr"),
        *("base-uri", "form-action", "frame-ancestors", "manifest-src"),
        *("require-trusted-types-for", "trusted-types"),
    }
)
EXTENSIONS = ("chrome-extension", "moz-extension", "safari-extension", "safari-web-extension")
"""Violations by browser extensions are no faults of ours, and are not counted."""

Key = tuple[str, str]

blueprint = Blueprint("csp_reports", __name__)
csrf.protect.exempt(blueprint)  # browsers send reports without our token; reports are only counted


class Reports:
    """Counts by kind of page and directive since the process started. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()

    def note(self, key: Key) -> None:
        """Count one report."""
        with self._lock:
            self._counts[key] += 1

    def counts(self) -> Mapping[Key, int]:
        """Return all counts."""
        with self._lock:
            return dict(self._counts)


reports = Reports()
"""The counts of this process."""


@blueprint.post(REPORTS)
def take() -> ResponseReturnValue:
    """Count a browser's reports, in the format of `report-uri` or of the Reporting API."""
    host = services()
    host.rate_limiter.take("csp_reports_per_minute", "all", host.settings.current().budgets.csp_reports_per_minute)
    for key in keys(inputs.report()):
        reports.note(key)
    return Response(status=204)


def keys(found: Any) -> Iterator[Key]:
    """Yield the kind of page and the directive of each report: `("shell", "frame-src")`; skip anything else."""
    for body in found if isinstance(found, list) else [found]:
        report = body.get("csp-report", body.get("body")) if isinstance(body, dict) else None
        if isinstance(report, dict) and not _is_of_an_extension(report):
            yield _page(_text(report, "document-uri", "documentURL")), _directive(report)


def _directive(report: Mapping[str, Any]) -> str:
    named = _text(report, "effective-directive", "effectiveDirective", "violated-directive").split(" ")[0]
    return named if named in DIRECTIVES else OTHER


def _page(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        return OTHER
    kind = headers.page_kind(path) if path else OTHER
    return kind if kind in get_args(headers.PageKind) else OTHER


def _is_of_an_extension(report: Mapping[str, Any]) -> bool:
    places = (_text(report, "blocked-uri", "blockedURL"), _text(report, "source-file", "sourceFile"))
    return any(place.split(":")[0] in EXTENSIONS for place in places)


def _text(report: Mapping[str, Any], *names: str) -> str:
    return next((report[name] for name in names if isinstance(report.get(name), str)), "")
