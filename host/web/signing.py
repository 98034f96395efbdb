"""What signs the custom data that consumers' apps send along."""

from host.company import company_key
from host.web.services import services


def secret() -> str:
    """Return the settings' own secret for it, else the platform API's."""
    own = services().settings.current().company_secret_jwt.get_secret_value()
    return own or company_key(services().config).secret
