"""Gives the verifier of signed custom data the secret in the settings."""

from host.sessions.custom_data import Signer
from host.web.current import services


def signer() -> Signer:
    """Return the signer whose signatures on custom data are accepted."""
    secret = services().settings.current().company_secret_jwt.get_secret_value()
    return Signer(secret, services().config.public_url)
