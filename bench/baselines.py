"""Baseline pages that the product is compared with, served by the product's server.

`/shell/bench/plain/` and `/shell/bench/raw/` are the shell's page with other listeners: plain JavaScript, and
MicroPython without PyScript's core. `/shell/bench/reference/` is a page with a plain snippet.
"""

import re
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template_string, send_from_directory
from flask.typing import ResponseReturnValue

from crm_shell import views as shell
from crm_shell.adapters import adapters
from host.web.assets import CACHE_CONTROL
from host.web.current import services

PAGES = Path(__file__).parent / "pages"
BOOT = re.compile(r"<script[^>]*/js/boot\.js[^>]*></script>\n?")
CORE_LINK = re.compile(r"\s*<link[^>]*(?:/core-[0-9a-f]+/|/js/boot\.js)[^>]*>")
PYTHON_LINK = re.compile(r'\s*<link[^>]*(?:/micropython-[0-9a-f]+/|\.py")[^>]*>')
AIRLOCK = re.compile(r"<script[^>]*/js/bus\.js[^>]*></script>")
EMPTY = "{% extends 'base.html' %}{% block body %}<h1>Empty</h1>{% endblock %}"
REFERENCE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reference</title>
<link rel="icon" href="data:,"></head><body><iframe name="target_iframe_adapter" title="CRM record"></iframe>
{% for frame in frames %}<iframe name="{{ frame.name }}" title="{{ frame.title }}" src="{{ frame.url }}"></iframe>
{% endfor %}<script src="{{ script }}"></script></body></html>"""

blueprint = Blueprint("bench", __name__)


def added(app: Flask) -> Flask:
    """Return the product's application with these pages in it."""
    app.register_blueprint(blueprint)
    return app


@blueprint.get("/agent/bench/empty")
def empty() -> ResponseReturnValue:
    """Show the product's page frame and style sheet without content."""
    return render_template_string(EMPTY)


@blueprint.get("/shell/bench/plain/")
def plain() -> ResponseReturnValue:
    """Show the shell with a plain JavaScript listener, without Python and airlock."""
    html = _without(AIRLOCK, _shell_without_core(), f'<script src="{_file("plain_first.js")}"></script>')
    return _with_script(PYTHON_LINK.sub("", html), "plain.js")


@blueprint.get("/shell/bench/raw/")
def raw() -> ResponseReturnValue:
    """Show the shell with the same Python listeners on MicroPython alone."""
    return _with_script(_shell_without_core(), "raw.js")


@blueprint.get("/shell/bench/reference/")
def reference() -> ResponseReturnValue:
    """Show both adapters, and a record frame that a plain snippet navigates to the record that pops."""
    frames = adapters(services().settings.current().adapter_source.base_url)
    return render_template_string(REFERENCE, frames=frames, script=_file("reference.js"))


@blueprint.get("/shell/bench/files/<name>")
def file(name: str) -> Response:
    """Serve a script of the baselines, cached as long as the product's own."""
    response = send_from_directory(PAGES, name)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _file(name: str) -> str:
    return f"/shell/bench/files/{name}"


def _shell_without_core() -> str:
    """Return the shell's page without the tags that start the Python script."""
    return _without(BOOT, CORE_LINK.sub("", str(shell.shell())))


def _with_script(html: str, name: str) -> str:
    return html.replace("</body>", f'<script type="module" src="{_file(name)}"></script>\n</body>')


def _without(pattern: re.Pattern[str], html: str, instead: str = "") -> str:
    changed, count = pattern.subn(instead, html)
    if count != 1:
        raise RuntimeError(f"the shell's page has {count} x {pattern.pattern}; mend the baseline")
    return changed
