"""Starts the listeners; the only Python script of the page."""

import browser
from patchbay import Shell, defaults, registry, vendors  # noqa: F401 - importing the defaults registers them
from patchbay.dispatch import Dispatcher

page = browser.BrowserPage()
vendors.load(registry, page, browser.config()["listeners"])
browser.connect(Dispatcher(registry, Shell(page), page, browser.spawn).receive)
