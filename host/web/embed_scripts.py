"""Serves `/embed.js` and `/consumer.js`, which embed the adapters or the consumers' chat in other companies' pages.

Other companies' pages contain the addresses, so they can't have a hash. Browsers cache the scripts for five minutes,
and may use an old one for another week while they fetch the new one.
"""

import hashlib

from flask import Blueprint, Response, request

from host.web.assets import Assets, assets

SCRIPTS = {
    "embed.js": ("parts", "events", "commands", "pop", "dock"),
    "consumer.js": ("parts", "consumer"),
}
"""Script name to the files of `static/js/embed/` that it consists of, in order."""

CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=604800"

blueprint = Blueprint("scripts", __name__)


@blueprint.get("/embed.js")
def embed() -> Response:
    """Return the script that embeds the adapters or the shell."""
    return _answer("embed.js")


@blueprint.get("/consumer.js")
def consumer() -> Response:
    """Return the script that embeds the consumers' chat."""
    return _answer("consumer.js")


def joined(built: Assets, name: str) -> bytes:
    """Return a script's text: its files inside one function, so that they share names without adding globals."""
    bodies = [built.read(f"js/embed/{part}.js").decode() for part in SCRIPTS[name]]
    return "\n".join(['(() => {\n"use strict";', *bodies, "})();\n"]).encode()


def _answer(name: str) -> Response:
    body = joined(assets(), name)
    answer = Response(body, mimetype="text/javascript")
    answer.headers["Cache-Control"] = CACHE_CONTROL
    # Pages with a Cross-Origin-Embedder-Policy load scripts of other origins only with this header.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return answer.make_conditional(request)  # type: ignore[return-value] # it returns itself
