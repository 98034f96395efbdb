"""Signs requests to S3: AWS Signature Version 4.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
NO_BODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Signer:
    """Signs with one key, for one region."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str

    def signed(
        self, method: str, url: str, headers: Mapping[str, str], *, at: datetime, body_sha256: str = NO_BODY
    ) -> dict[str, str]:
        """Return the headers to send: those given, which are signed, and the signature.

        Args:
            method: `PUT`.
            url: Encoded, as it is sent.
            headers: Without `Host`.
            at: Now; servers allow a quarter of an hour of difference.
            body_sha256: Of the body, in hexadecimal; the server refuses another one.
        """
        stamp = f"{at:%Y%m%dT%H%M%SZ}"
        sent = {**headers, "x-amz-content-sha256": body_sha256, "x-amz-date": stamp}
        parts = urlsplit(url)
        named = {name.lower(): " ".join(value.split()) for name, value in {**sent, "host": parts.netloc}.items()}
        names = ";".join(sorted(named))
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in pairs)
        canonical = "\n".join(
            [
                method,
                parts.path or "/",
                "&".join(f"{name}={value}" for name, value in query),
                *(f"{name}:{named[name]}" for name in sorted(named)),
                "",
                names,
                body_sha256,
            ]
        )
        scope = f"{at:%Y%m%d}/{self.region}/s3/aws4_request"
        text = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(self._key(scope), text.encode(), hashlib.sha256).hexdigest()
        credential = f"{self.access_key}/{scope}"
        return {
            **sent,
            "Authorization": f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}",
        }

    def _key(self, scope: str) -> bytes:
        """Derive the key of a day, region and service."""
        key = f"AWS4{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key
