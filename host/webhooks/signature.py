"""Signs messages: HMAC-SHA256 with the webhook's secret.

Source: https://www.standardwebhooks.com; docs/webhooks.md, Verifying.
"""

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """Return the bytes of a secret.

    Args:
        secret: `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`, or without the prefix.

    Raises:
        ValueError: It isn't base64.
    """
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def sign(secret: str, message_id: str, sent_at: int, body: bytes) -> str:
    """Return the value of `webhook-signature`.

    Args:
        secret: As for `key_of`.
        message_id: The value of `webhook-id`.
        sent_at: The value of `webhook-timestamp`: seconds since 1970.
        body: As sent.
    """
    signed = f"{message_id}.{sent_at}.".encode() + body
    made = hmac.digest(key_of(secret), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(made).decode()}"
