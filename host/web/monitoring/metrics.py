"""`/metrics` for Prometheus: numbers only, for clients with a company key."""

from collections.abc import Iterator, Mapping

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from host.refusals import refusals
from host.reports.measures import Measures, measure
from host.settings.document.budgets import Budgets
from host.web.api import credentials
from host.web.current import services
from host.web.security.csp_reports import Key, reports

blueprint = Blueprint("metrics", __name__)


@blueprint.before_request
def check() -> None:
    """Check the company key, as the platform API does."""
    credentials.authenticate()
    credentials.api_client().check_may("read")


blueprint.after_request(credentials.ask)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer in Prometheus's text format."""
    with services().database.read() as connection:
        crm = services().runner.crm(connection)
        found = measure(connection, services().clock.now(), crm)
    registry = CollectorRegistry()
    registry.register(Figures(found, services().hub.count()))
    registry.register(Spent(services().settings.current().budgets, refusals.counts()))
    registry.register(Stopped(reports.counts()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """The figures of the whole host at this moment."""

    def __init__(self, measures: Measures, sockets: int) -> None:
        self._measures = measures
        self._sockets = sockets

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        found = self._measures
        yield _by("patchbay_queue_depth", "Work that is due, by kind", "kind", found.due)
        yield _one("patchbay_queue_oldest_due_seconds", "For how long the oldest has been due", found.oldest_due_s)
        yield _by("patchbay_deliveries", "Steps of the work in the CRM, by state", "state", found.deliveries)
        yield _by(
            "patchbay_file_deliveries", "Files for the external storage and mails, by state", "state", found.files
        )
        yield _one("patchbay_failed_jobs", "Jobs that have failed for good", found.failed_jobs)
        yield _by("patchbay_webhook_messages", "Messages that webhooks have not received", "state", found.webhooks)
        yield _one("patchbay_adapters", "Open adapter sockets, over all processes", found.adapters)
        yield _one("patchbay_sockets", "Open sockets of the process that answers", self._sockets)
        if found.worker_silent_s is not None:
            yield _one("patchbay_worker_silent_seconds", "Since a worker said it is alive", found.worker_silent_s)
        yield from self._calls()

    def _calls(self) -> Iterator[Metric]:
        labels = ["endpoint", "outcome"]
        recent = "in the last five minutes, by endpoint and outcome"
        count = GaugeMetricFamily("patchbay_crm_calls", f"Calls to the CRM {recent}", labels=labels)
        total = GaugeMetricFamily("patchbay_crm_calls_seconds", f"What these took together, {recent}", labels=labels)
        longest = GaugeMetricFamily("patchbay_crm_calls_longest_seconds", f"The slowest {recent}", labels=labels)
        for key, calls in self._measures.calls.items():
            count.add_metric(key, calls.count)
            total.add_metric(key, calls.total_s)
            longest.add_metric(key, calls.longest_s)
        yield from (count, total, longest)


class Spent(Collector):
    """The limit of each budget, and how often this process refused because of it."""

    def __init__(self, budgets: Budgets, refused: Mapping[str, int]) -> None:
        self._limits = {name: limit for name, limit in budgets if isinstance(limit, int)}
        self._refused = {**dict.fromkeys(self._limits, 0), **refused}

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        yield _by("patchbay_budget_limit", "What the settings allow, by budget", "budget", self._limits)
        refused = CounterMetricFamily("patchbay_refused", "What was refused, by budget", labels=["budget"])
        for budget, count in self._refused.items():
            refused.add_metric([budget], count)
        yield refused


class Stopped(Collector):
    """Violations of our pages' policies that browsers have reported to this process."""

    def __init__(self, counts: Mapping[Key, int]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Yield the metric."""
        says = "Reports of browsers that a policy has stopped something, by kind of page and directive"
        family = CounterMetricFamily("patchbay_csp_reports", says, labels=["page", "directive"])
        for key, count in self._counts.items():
            family.add_metric(key, count)
        yield family


def _one(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


def _by(name: str, says: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
