"""Fixtures of the end-to-end tests: a real Chromium and the real product."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from e2e.guard import Guard
from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product
from tests.postgresql import Cluster, private_server

SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000

NewContext = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests here, since a story may take longer than a unit test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if not any(item.iter_markers("timeout")):
                item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], playwright: Playwright) -> dict[str, Any]:
    """Use Playwright's own Chromium if it is installed, else the system's."""
    arguments = {**browser_type_launch_args, "args": FLAGS}
    if not Path(playwright.chromium.executable_path).exists():
        arguments["executable_path"] = str(SYSTEM_CHROMIUM)
    return arguments


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the stories of a file that has `DATABASES` on each of those."""
    databases = getattr(metafunc.module, "DATABASES", None)
    if databases and "product" in metafunc.fixturenames:
        metafunc.parametrize("product", databases, indirect=True, scope="module")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server for all stories, started for the first that needs it."""
    with private_server() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product of a file's stories; with PostgreSQL it has two web processes."""
    folder, url = tmp_path_factory.mktemp("product"), ""
    if getattr(request, "param", "sqlite") == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgresql")
        url = cluster.empty(folder.name)
    yield from _running(Product(folder, url))


@pytest.fixture
def fresh_product(tmp_path: Path) -> Iterator[Product]:
    """A product for a single story."""
    yield from _running(Product(tmp_path))


@pytest.fixture
def agent_context(new_context: NewContext, product: Product) -> Iterator[BrowserContext]:
    """The agent's browser."""
    yield from _guarded(new_context, product)


@pytest.fixture
def consumer_context(new_context: NewContext, product: Product) -> Iterator[BrowserContext]:
    """The consumer's browser."""
    yield from _guarded(new_context, product)


@pytest.fixture
def shell(agent_context: BrowserContext) -> ShellPage:
    """The shell, with James Bond signed in and available."""
    page = ShellPage(agent_context.new_page())
    page.sign_in("agent@example.com")
    page.chat.set_status("Available")
    return page


@pytest.fixture
def consumer(consumer_context: BrowserContext) -> ConsumerPage:
    """The consumer's page, not yet open."""
    return ConsumerPage(consumer_context.new_page())


def _running(product: Product) -> Iterator[Product]:
    product.prepare()
    product.crm.start()
    try:
        product.start()
        yield product
    finally:
        product.kill()
        product.crm.stop()
        if os.environ.get("CI"):
            print(product.log())


def _guarded(new_context: NewContext, product: Product) -> Iterator[BrowserContext]:
    context = new_context(base_url=product.url)
    guard = Guard(context, {urlsplit(product.url).netloc, urlsplit(product.crm.url).netloc})
    yield context
    assert guard.problems == []
