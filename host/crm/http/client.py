"""The guarded HTTP client: every request to a CRM goes through it.

It enforces a deadline for the whole request (name resolution and TLS included), checked addresses and a maximum size
after decompression. It follows no redirects, uses no proxies or credentials of the environment, and has a circuit
breaker and a limit of concurrent requests for each origin.

Source: docs/reference/generic-api.md, API request timeout; docs/reference/generic-api.md, Addresses.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import BinaryIO
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import DecodeError, HTTPError

from host.crm.http.answer import Answer
from host.crm.http.circuit_breaker import MAX_CONCURRENT, OriginLimiter
from host.crm.http.connection import SAFE_METHODS, Dialer, GuardedAdapter
from host.crm.http.deadline import PendingRequest, Watchdog, current_request
from host.crm.http.resolver import Resolver
from host.crm.http.ssrf_guard import Origin, Policy, check_url
from host.crm.http.upload_progress import ProgressBody, time_to_begin
from host.errors import CrmAnswerError, CrmError, CrmRejectedError, CrmTimeoutError, CrmUnavailableError

SIZE_MAX = 5 * 1024 * 1024
CHUNK = 65_536
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "Patchbay"}


class GuardedClient:
    """Sends requests under one policy; thread-safe."""

    def __init__(self, policy: Policy, *, resolver: Resolver | None = None, size_max: int = SIZE_MAX) -> None:
        self.policy = policy
        self._size_max = size_max
        self._watchdog = Watchdog()
        self._limiters: dict[Origin, OriginLimiter] = {}
        self._lock = threading.Lock()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.headers.update(HEADERS)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.verify = policy.ca_bundle or True
        self._session.cert = policy.client_certificate or None
        self._session.adapters.clear()
        adapter = GuardedAdapter(Dialer(policy, resolver or Resolver()), MAX_CONCURRENT)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def send(  # noqa: PLR0913 - the parts of a request
        self,
        endpoint: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | BinaryIO | None = None,
        auth: AuthBase | None = None,
        timeout_s: float = 5,
        upload: bool = False,
        redirects: bool = False,
    ) -> Answer:
        """Send one request and read the complete answer.

        A GET is sent once more when the connection breaks before the deadline.

        Args:
            endpoint: `create_account`, for error messages.
            url: Encoded, with its query.
            timeout_s: For the whole request: name, connection, TLS, request, answer.
            upload: Whether the time counts from the last byte sent; before that only a stall ends the request.
            redirects: Whether a redirect is returned like any other answer; it is never followed.

        Returns:
            The answer, with any status except 3xx.

        Raises:
            CrmAddressError: The policy doesn't allow the address.
            CrmTimeoutError: The deadline has passed.
            CrmUnavailableError: There is no connection, it broke, or the breaker is open.
            CrmRejectedError: The answer is a redirect.
            CrmAnswerError: The answer is too long, or can't be decompressed.
        """
        request = self._prepare(endpoint, requests.Request(method, url, headers=headers, auth=auth))
        origin = check_url(endpoint, request.url or "", self.policy)
        pending = PendingRequest(endpoint, time.monotonic() + time_to_begin(body, timeout_s, upload=upload))
        if body is not None:
            request.prepare_body(ProgressBody(body, pending, timeout_s) if upload else body, None)
        limiter = self._limiter(origin)
        with limiter.slot(pending):
            answer = self._send_and_count(limiter, origin, request, pending, timeout_s)
        if 300 <= answer.status < 400 and not redirects:
            raise CrmRejectedError(endpoint, _redirect(origin, answer), status=answer.status)
        return answer

    def close(self) -> None:
        """Close all idle connections."""
        self._session.close()

    def _prepare(self, endpoint: str, request: requests.Request) -> requests.PreparedRequest:
        try:
            return self._session.prepare_request(request)
        except (requests.RequestException, UnicodeError) as error:
            # the exception's text may hold personal data
            raise CrmError(endpoint, f"the request cannot be built ({type(error).__name__})") from error

    def _limiter(self, origin: Origin) -> OriginLimiter:
        with self._lock:
            return self._limiters.setdefault(origin, OriginLimiter(origin))

    def _send_and_count(
        self,
        limiter: OriginLimiter,
        origin: Origin,
        request: requests.PreparedRequest,
        pending: PendingRequest,
        timeout_s: float,
    ) -> Answer:
        """Send the request and report the result to the breaker."""
        try:
            answer = self._send_with_retry(origin, request, pending, timeout_s)
        except (CrmTimeoutError, CrmUnavailableError):
            limiter.breaker.record_failure()
            raise
        except BaseException:
            limiter.breaker.release()
            raise
        if answer.status >= 500:
            limiter.breaker.record_failure()
        else:
            limiter.breaker.record_success()
        return answer

    def _send_with_retry(
        self, origin: Origin, request: requests.PreparedRequest, pending: PendingRequest, timeout_s: float
    ) -> Answer:
        """Send the request; repeat a safe one once: the server may have closed an idle connection."""
        try:
            return self._exchange(origin, request, pending, timeout_s)
        except CrmUnavailableError:
            if request.method not in SAFE_METHODS or pending.is_late:
                raise
            return self._exchange(origin, request, PendingRequest(pending.endpoint, pending.deadline), timeout_s)

    def _exchange(
        self, origin: Origin, request: requests.PreparedRequest, pending: PendingRequest, timeout_s: float
    ) -> Answer:
        started = time.monotonic()
        with self._watch(pending), _translate_errors(origin, pending, timeout_s):
            left_s = pending.left_s
            response = self._session.send(
                request, stream=True, allow_redirects=False, timeout=(left_s, timeout_s), proxies={}
            )
            try:
                body = self._read(response, pending)
            except BaseException:
                response.close()
                raise
            if pending.has_expired:  # without a Content-Length a closed socket looks like the end of the body
                raise requests.Timeout
        took_ms = round((time.monotonic() - started) * 1000)
        return Answer(response.status_code, response.headers, body, took_ms)

    @contextmanager
    def _watch(self, pending: PendingRequest) -> Iterator[None]:
        token = current_request.set(pending)
        self._watchdog.watch(pending)
        try:
            yield
        finally:
            current_request.reset(token)
            pending.finish()

    def _read(self, response: requests.Response, pending: PendingRequest) -> bytes:
        """Read the body; the size limit applies after decompression."""
        declared = "" if response.request.method == "HEAD" else response.headers.get("Content-Length", "")
        if declared and not all(each.strip().isdecimal() for each in declared.split(",")):
            raise requests.ConnectionError  # it is unknown whether the answer is complete
        body = bytearray()
        if not (declared.isdecimal() and int(declared) > self._size_max):
            for chunk in response.raw.stream(CHUNK, decode_content=True):
                body += chunk
                if len(body) > self._size_max:
                    break
            else:
                return bytes(body)
        raise CrmAnswerError(pending.endpoint, f"the answer is longer than {self._size_max / 1024 / 1024:g} MiB")


@contextmanager
def _translate_errors(origin: Origin, pending: PendingRequest, timeout_s: float) -> Iterator[None]:
    """Translate the libraries' exceptions into ours."""
    try:
        yield
    except (requests.RequestException, HTTPError, OSError) as error:
        if pending.is_late or isinstance(error, requests.Timeout | TimeoutError):
            reason = f"timed out after {timeout_s:g} s"
            raise CrmTimeoutError(pending.endpoint, reason, sent=pending.is_sent) from error
        if isinstance(error, DecodeError):
            raise CrmAnswerError(pending.endpoint, "the answer cannot be decompressed") from error
        if isinstance(error, requests.exceptions.SSLError):
            reason = f"the certificate of {origin.host} is not accepted, or TLS failed"
            raise CrmUnavailableError(pending.endpoint, reason, sent=pending.is_sent) from error
        reason = f"the connection to {origin.host} broke ({type(error).__name__})"
        raise CrmUnavailableError(pending.endpoint, reason, sent=pending.is_sent) from error
    except ValueError as error:  # such as an invalid header; the exception's text may hold what was to be sent
        raise CrmError(pending.endpoint, f"the request cannot be made ({type(error).__name__})") from error


def _redirect(origin: Origin, answer: Answer) -> str:
    location = answer.headers.get("Location", "")
    try:
        host = urlsplit(location).netloc.rpartition("@")[2] or origin.host
    except ValueError:
        host = "a place that cannot be read"
    return f"answered {answer.status}, a redirect to {host}; redirects are not followed"
