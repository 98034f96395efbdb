"""Sends the requests of one intent, writes their trace, and turns refusals into errors.

Source: docs/reference/generic-api.md, Faults.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, SecretStr

from host.crm.auth.signed_client import SignedClient
from host.crm.http import charsets
from host.crm.http.answer import Answer
from host.crm.intents.leased_intent import LeasedIntent, keep_lease
from host.crm.intents.trace import MASK, READ_MAX, Secrets, TraceRow
from host.crm.request.custom_fields import CustomFieldSource, no_fields
from host.crm.request.request import Request, shown
from host.crm.response import error_text
from host.crm.response.classify import Meaning, Outcome
from host.crm.settings.crm import CrmSettings, EndpointName
from host.crm.templates.variables import Context, Variables
from host.errors import CrmAnswerError, CrmAuthError, CrmError, CrmRejectedError, CrmUnavailableError

UPLOAD: EndpointName = "upload_file"


@dataclass
class IntentClient:
    """Calls the CRM for one intent."""

    settings: CrmSettings
    client: SignedClient
    work: LeasedIntent
    custom_fields: CustomFieldSource = no_fields
    """Says which fields the session's custom data is mapped to."""

    def variables(self, name: str, context: Context, *, for_find: bool = False) -> Variables:
        """Return the values for a request."""
        if base_url := self.client.base_url(name):
            context = replace(context, base_url=base_url)
        return Variables(context, region=self.settings.default_region, for_find=for_find)

    def send(self, name: str, request: Request) -> Answer:
        """Send a request; the trace has the errors.

        Raises:
            CrmError: There is no answer, or it is not acceptable.
            LostLeaseError: Another runner has the intent.
        """
        self.work.ensure_lease()
        is_upload = request.is_upload or name.startswith(UPLOAD)
        headers, body = request.sent
        try:
            with keep_lease(self.work, needed=is_upload):
                return self.client.send(
                    name,
                    request.method,
                    request.url,
                    headers=headers,
                    body=body,
                    timeout_s=request.endpoint.timeout_s,
                    upload=is_upload,
                    note=lambda text: self.work.trace_decision(name, text),
                )
        except CrmError as error:
            self.trace(name, request, None, None, error.reason)
            raise
        finally:
            self.work.secrets = self.work.secrets.and_also(self.client.secrets)

    def refusal(self, name: str, request: Request, answer: Answer, outcome: Outcome) -> CrmError:
        """Turn a refusal into an error; after a 4xx the CRM has done nothing, after a 5xx it may have."""
        self.trace(name, request, answer, text_of(answer), outcome.reason)
        error = _refusal(name, answer, outcome)
        error.said = error_text.message_of(answer)
        return error

    @contextmanager
    def reading_answer(self, name: str, request: Request, answer: Answer) -> Iterator[None]:
        """Read an answer in this block; an unreadable one is traced, and its text goes into the error."""
        try:
            yield
        except CrmAnswerError as error:
            error.said = error_text.message_of(answer)
            self.trace(name, request, answer, text_of(answer), error.reason)
            raise

    def trace(self, name: str, request: Request, answer: Answer | None, read_out: Any, decision: str) -> None:
        """Trace a call."""
        signed = _signed(self.settings)
        own = {name: value for name, value in request.sent[0].items() if name.lower() not in map(str.lower, signed)}
        headers = {**own, **signed}
        self.work.trace(
            TraceRow(
                at=self.work.now,
                endpoint=name,
                decision=decision,
                method=request.method,
                url=request.url,
                request={"headers": headers, "body": shown(request.body)},
                status=answer.status if answer else None,
                took_ms=answer.took_ms if answer else None,
                read_out=read_out,
            )
        )


def text_of(answer: Answer) -> str:
    """Return the beginning of an answer, for the trace."""
    return charsets.text_of(answer.body, answer.headers.get("Content-Type") or "")[:READ_MAX]


def secrets_of(settings: CrmSettings) -> Secrets:
    """Collect the secrets of the settings, which the trace masks."""
    found = (value.get_secret_value() for value in _secrets_in(settings.auth))
    return Secrets(frozenset(value for value in found if value))


def _secrets_in(part: object) -> list[SecretStr]:
    if isinstance(part, SecretStr):
        return [part]
    if isinstance(part, BaseModel):
        return [each for name in type(part).model_fields for each in _secrets_in(getattr(part, name))]
    if isinstance(part, tuple):
        return [each for item in part for each in _secrets_in(item)]
    return []


def _refusal(name: str, answer: Answer, outcome: Outcome) -> CrmError:
    if outcome.meaning is Meaning.UNAVAILABLE:
        unsure = answer.status >= 500
        return CrmUnavailableError(name, outcome.reason, sent=unsure, retry_after_s=outcome.retry_after_s)
    if outcome.meaning is Meaning.AUTH:
        return CrmAuthError(name, outcome.reason, status=answer.status)
    return CrmRejectedError(name, outcome.reason, status=answer.status)


def _signed(settings: CrmSettings) -> Mapping[str, str]:
    """Return the headers that authentication adds, as the trace shows them."""
    names = [header.key for header in settings.auth.headers]
    return dict.fromkeys(names if settings.auth.method == "headers" else ["Authorization", *names], MASK)
