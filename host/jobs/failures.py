"""How a job fails."""


class DeadLetterError(Exception):
    """The job has failed for good; the message is safe to show."""


class FailedStepError(Exception):
    """Stands for an error of ours whose words may be personal: the message is its class's name."""


class RefusedError(Exception):
    """A row of the engine's tables isn't ours."""
