"""The admin's choice of a method with fixed credentials -> what signs requests."""

from base64 import b64encode

from requests.auth import AuthBase

from host.crm.auth.headers import HeadersSigner
from host.crm.auth_settings import BasicAuth, BearerAuth, HeadersAuth


def signer(auth: HeadersAuth | BasicAuth | BearerAuth) -> AuthBase:
    """Return what signs requests by the method that the admin chose, with the headers beside it."""
    headers = {header.key: header.value.get_secret_value() for header in auth.headers}
    match auth:
        case BasicAuth():
            # not HTTPBasicAuth: that writes Latin-1, CRMs read UTF-8
            pair = f"{auth.username}:{auth.password.get_secret_value()}".encode()
            headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        case BearerAuth():
            headers["Authorization"] = f"Bearer {auth.token.get_secret_value()}"
        case _:
            pass
    return HeadersSigner(headers)
