"""`/embed.js` and `/consumer.js`: one tag puts the adapters, or the consumers' chat, into another company's page.

Their addresses stand in pages that we don't write, so they can't hold a hash: browsers show what they have for five
minutes, and for a week more while they ask for news.
"""

import hashlib

from flask import Blueprint, Response, request

from host.web.assets import Assets, assets

SCRIPTS = {
    "embed.js": ("parts", "events", "pop", "dock"),
    "consumer.js": ("parts", "consumer"),
}
"""Script to the files of `static/js/embed/` that it is made of, in this order."""

CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=604800"

blueprint = Blueprint("scripts", __name__)


@blueprint.get("/embed.js")
def embed() -> Response:
    """Return the script for whoever embeds the adapters or the shell."""
    return _answer("embed.js")


@blueprint.get("/consumer.js")
def consumer() -> Response:
    """Return the script for a company's site."""
    return _answer("consumer.js")


def joined(built: Assets, name: str) -> bytes:
    """Return a script's text: its files inside one function, so that they share names and the page sees none."""
    bodies = [built.read(f"js/embed/{part}.js").decode() for part in SCRIPTS[name]]
    return "\n".join(['(() => {\n"use strict";', *bodies, "})();\n"]).encode()


def _answer(name: str) -> Response:
    body = joined(assets(), name)
    answer = Response(body, mimetype="text/javascript")
    answer.headers["Cache-Control"] = CACHE_CONTROL
    # Pages that isolate themselves (COEP) take scripts from elsewhere only with this.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return answer.make_conditional(request)  # type: ignore[return-value] # it returns itself
