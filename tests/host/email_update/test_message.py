"""The mail with the outcome."""

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from host.email_update.message import Attachment, Outcome, outcome_message, trial_message

UUID = "2f1c0a52-6c3e-4a4e-9d0a-5b1f7f0d3f11"
BODY = json.dumps({"name": "Zoë", "note": "x" * 2000}, ensure_ascii=False, indent=2) + "\n"
OUTCOME = Outcome(
    sender="no-reply@example.com",
    recipient="crm@queue.example",
    subject="chat 103646: Messaging (Web)",
    body=BODY,
    session_uuid=UUID,
    sent_at=datetime(2026, 5, 1, 10, tzinfo=UTC),
    attachments=(Attachment("chat-103646.txt", "Zoë (consumer): Hi\n".encode()),),
)


def sent(outcome: Outcome = OUTCOME) -> EmailMessage:
    made = message_from_bytes(outcome_message(outcome).as_bytes(policy=policy.SMTP), policy=policy.default)
    assert isinstance(made, EmailMessage)
    return made


def test_the_body_is_the_metadata_and_the_transcript_goes_along() -> None:
    mail = sent()
    [attached] = mail.iter_attachments()
    body = mail.get_body(("plain",))
    assert body is not None
    assert (body.get_content_type(), body.get_content_charset()) == ("text/plain", "utf-8")
    assert body.get_content().replace("\r\n", "\n") == BODY
    assert attached.get_filename() == "chat-103646.txt"
    assert (attached.get_content_type(), attached.get_content_charset()) == ("text/plain", "utf-8")
    assert attached.get_payload(decode=True) == "Zoë (consumer): Hi\n".encode()


def test_the_header() -> None:
    mail = sent()
    assert (mail["From"], mail["To"]) == ("no-reply@example.com", "crm@queue.example")
    assert mail["Subject"] == "chat 103646: Messaging (Web)"
    assert mail["Date"] == "Fri, 01 May 2026 10:00:00 +0000"
    assert mail["Message-ID"] == f"<outcome.{UUID}@patchbay.invalid>"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_call_has_no_attachment() -> None:
    mail = sent(Outcome(**{**OUTCOME.__dict__, "attachments": ()}))
    assert mail.get_content_type() == "text/plain"
    assert json.loads(mail.get_content()) == json.loads(BODY)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Chat 1\r\nBcc: everybody@example.com", "Chat 1 Bcc: everybody@example.com"),
        ("Zoë\x00 ✓", "Zoë ✓"),
        ("x" * 300, "x" * 200),
        ("", ""),
    ],
)
def test_a_subject_adds_no_header(subject: str, expected: str) -> None:
    mail = sent(Outcome(**{**OUTCOME.__dict__, "subject": subject}))
    assert (mail["Subject"], mail["Bcc"]) == (expected, None)


@pytest.mark.parametrize(
    "address", ["james.bond@007", "a b@example.com", '"x"@example.com', "zoë@example.com", "a@[127.0.0.1]"]
)
def test_every_address_of_the_settings_can_be_written(address: str) -> None:
    mail = outcome_message(Outcome(**{**OUTCOME.__dict__, "recipient": address}))
    assert mail["To"].addresses[0].domain == address.rpartition("@")[2]


def test_each_test_mail_has_an_id_of_its_own() -> None:
    first, second = (trial_message("a@b.example", "c@d.example", "Patchbay", OUTCOME.sent_at) for _ in range(2))
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Subject"] == "Patchbay: test mail"
