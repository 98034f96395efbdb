"""The error of simulations."""

from host.errors import HostError


class SimulationError(HostError):
    """A simulation can't begin or go on."""

    code = "simulation"
