"""Start the listeners: the page's one Python script."""

import browser
from patchbay import Shell, defaults, registry  # noqa: F401 - importing the defaults registers them
from patchbay.dispatch import Dispatcher

page = browser.BrowserPage()
browser.connect(Dispatcher(registry, Shell(page), page, browser.spawn).receive)
