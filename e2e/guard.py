"""Watches a browser context for requests to other hosts, CSP violations and errors on pages."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError, WebSocket

MARK = "patchbay-e2e csp violation:"

# Runs in every frame before anything else, whatever its policy.
LISTEN = f"""
document.addEventListener("securitypolicyviolation", (event) => {{
  console.error("{MARK} " + event.effectiveDirective + " " + event.blockedURI + " on " + event.documentURI);
}});
"""


class Guard:
    """Collects problems.

    Args:
        allowed: Hosts of allowed requests: `127.0.0.1:8000`.
    """

    def __init__(self, context: BrowserContext, allowed: set[str]) -> None:
        self._allowed = allowed
        self.problems: list[str] = []
        context.add_init_script(LISTEN)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("page", self._page)

    def _page(self, page: Page) -> None:
        page.on("websocket", self._websocket)

    def _request(self, request: Request) -> None:
        self._check(request.url)

    def _websocket(self, websocket: WebSocket) -> None:
        self._check(websocket.url)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc not in self._allowed:
            self.problems.append(f"a request left for {parts.netloc}: {url}")

    def _console(self, message: ConsoleMessage) -> None:
        text = message.text
        if text.startswith(MARK) or "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.problems.append(text)

    def _error(self, error: WebError) -> None:
        where = error.page.url if error.page else "a page that is gone"
        self.problems.append(f"an error on {where}: {error.error}")
