"""`patchbay simulate`: prepares agents, runs a simulation, retires the agents."""

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from host import data_folder
from host.commands.announcer import Say
from host.commands.serve import opened
from host.company import CompanyKey, company_key
from host.config import Config
from host.errors import FieldsError
from host.simulation import faults, people
from host.simulation.clients.browser import AgentBrowser
from host.simulation.clients.crm import StarterCrm
from host.simulation.clients.platform_api import PlatformApi
from host.simulation.errors import SimulationError
from host.simulation.report import Report
from host.simulation.simulation import Simulation, Wanted

S_PER_SESSION = 12.0
"""How long a session keeps an agent, about; so the sessions begin as fast as the agents can take them."""
RUNS_WITHIN_S = 5.0
"""How long the host may take to answer the first request."""
AT_ONCE = 4
"""Agents who sign in at the same time: checking a password takes time and memory."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The host that is tested."""

    url: str
    key: CompanyKey
    password: str
    """Of the agents."""
    crm: StarterCrm | None


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of the command; `cli.py` describes them."""

    agents: int
    calls: int
    chats: int
    seed: int
    minutes: float | None
    faults: tuple[str, ...]
    url: str | None
    key: str | None
    secret: str | None
    password: str | None

    @property
    def wanted(self) -> Wanted:
        """What is simulated.

        Raises:
            FieldsError: A fault is unknown or has no share.
        """
        sessions = self.calls + self.chats
        over_s = sessions * S_PER_SESSION / self.agents if self.minutes is None else self.minutes * 60
        return Wanted(
            calls=self.calls, chats=self.chats, seed=self.seed, over_s=over_s, faults=faults.read(self.faults)
        )


def run(config: Config, options: Options, say: Say) -> Report:
    """Run a simulation.

    Raises:
        FieldsError: An option is wrong.
        SimulationError: It can't begin or go on.
    """
    wanted, key = options.wanted, _key(config, options)
    if options.url:
        if not options.password:
            raise FieldsError({"password": "is missing; give that of the agents of the other host"})
        target = Target(url=options.url.rstrip("/"), key=key, password=options.password, crm=None)
        return asyncio.run(_simulate(wanted, options.agents, target, say))
    data_folder.find(config.data)
    with _prepared(config, options.agents, options.password) as password:
        target = Target(url=config.public_url, key=key, password=password, crm=_starter_crm(config))
        return asyncio.run(_simulate(wanted, options.agents, target, say))


@contextmanager
def _prepared(config: Config, agents: int, password: str | None) -> Iterator[str]:
    """Add the agents for the duration of the block; yield their password.

    Args:
        config: Of the host on this machine.
        agents: How many.
        password: None: a new one, and the agents are deactivated afterwards.
    """
    chosen = password or secrets.token_urlsafe(12)
    with opened(config) as host:
        people.add(host.database, agents, chosen)
        try:
            yield chosen
        finally:
            if password is None:
                people.retire(host.database, agents)


def _starter_crm(config: Config) -> StarterCrm | None:
    """Return the starter CRM of this installation; None if it isn't there."""
    key = config.data / "starter-crm" / "api-key"
    if not key.exists():
        return None
    crm = StarterCrm(f"http://localhost:{config.crm_port}", key.read_text("utf-8").strip())
    return crm if crm.is_there() else None


def _key(config: Config, options: Options) -> CompanyKey:
    """Return the given company key, else this installation's."""
    if options.key and options.secret:
        return CompanyKey(options.key, options.secret)
    if options.url:
        raise FieldsError({"key": "is missing; give --key and --secret of the other host"})
    return company_key(config)


async def _simulate(wanted: Wanted, agents: int, target: Target, say: Say) -> Report:
    api = PlatformApi(target.url, target.key.key, target.key.secret)
    browsers = await _signed_in(api, agents, target)
    return await Simulation(wanted, api, browsers, target.crm, say).run()


async def _signed_in(api: PlatformApi, agents: int, target: Target) -> Mapping[int, AgentBrowser]:
    reply = await api.get("/agents", within_s=RUNS_WITHIN_S)
    if not reply.is_done:
        raise SimulationError(f"The platform API refuses the company key ({reply.status}).")
    ids = {each["email"]: each["id"] for each in reply.body}
    emails = [people.email(number) for number in range(agents)]
    if missing := [email for email in emails if email not in ids]:
        raise SimulationError(f"There is no agent {missing[0]}; patchbay simulate on the host's machine adds them.")
    browsers = {ids[email]: AgentBrowser(target.url, email, target.password) for email in emails}
    places = asyncio.Semaphore(AT_ONCE)

    async def enter(browser: AgentBrowser) -> None:
        async with places:
            await browser.sign_in()

    await asyncio.gather(*(enter(browser) for browser in browsers.values()))
    return browsers
