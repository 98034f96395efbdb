"""Exceptions of jobs."""


class DeadLetterError(Exception):
    """The job has failed for good; its text is safe to show."""


class FailedStepError(Exception):
    """Replaces an error whose text may be personal; its text is the name of that error's class."""


class RefusedError(Exception):
    """A row of the engine's tables was not written by this host."""
