from collections.abc import Callable

import pytest

from host.wire.session_types import BY_KEY, SESSION_TYPES, SessionType, find, keys


@pytest.mark.parametrize(
    ("key", "name", "name_v2", "lookup", "lookup_url"),
    [
        ("voice_inbound_ivr", "Voice Inbound (IVR)", "Voice Inbound", "IVR_Call", "phone"),
        ("voice_inbound_mobile", "Voice Inbound (Mobile)", "Voice Inbound (Mobile)", "Incoming_Call_(app)", "sdk"),
        ("voice_campaign", "Voice Campaign", "Voice Campaign", "Outbound_Call", "phone"),
        ("messaging_whatsapp", "Messaging (WhatsApp)", "Messaging (Whatsapp)", "SMS", "phone"),
        ("messaging_outbound_sms_api", "Messaging (SMS)", "Messaging Outbound (SMS via API)", "SMS", "phone"),
        ("messaging_web", "Messaging Inbound (Web Chat)", "Messaging (Web)", "Web", "sdk"),
        ("messaging_mobile", "Messaging Inbound (App Chat)", "Messaging (Mobile)", "Mobile", "sdk"),
    ],
)
def test_names_a_kind_as_each_place_calls_it(key: str, name: str, name_v2: str, lookup: str, lookup_url: str) -> None:
    kind = BY_KEY[key]
    assert (kind.name, kind.name_v2, kind.lookup, kind.lookup_url) == (name, name_v2, lookup, lookup_url)


def test_there_are_ten_kinds_of_calls_and_six_of_chats() -> None:
    assert len(keys()) == len(set(keys())) == 16
    assert [kind.channel for kind in SESSION_TYPES] == ["voice_call"] * 10 + ["chat"] * 6


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Voice Campaign (UJET)", "voice_campaign"),
        ("messaging inbound (web chat)", "messaging_web"),
        ("Messaging (Web)", "messaging_web"),
        ("MESSAGING (WHATSAPP)", "messaging_whatsapp"),
        ("Messaging (SMS)", "messaging_inbound_sms"),
        ("Messaging Outbound (SMS)", "messaging_outbound_sms"),
        ("  Voice  Outbound ", "voice_outbound"),
    ],
)
def test_reads_a_name_that_another_system_wrote(text: str, key: str) -> None:
    kind = find(text)
    assert kind is not None
    assert kind.key == key


REFERENCE = """
Voice Inbound
Voice Inbound (IVR via Mobile)
Voice Inbound (Mobile)
Voice Callback (Web)
Voice Inbound (API)
Voice Scheduled (Mobile)
Voice Scheduled (Web)
Voice Outbound
Voice Outbound (API)
Voice Campaign
Messaging (Whatsapp)
Messaging Inbound (SMS)
Messaging Outbound (SMS)
Messaging Outbound (SMS via API)
Messaging (Web)
Messaging (Mobile)
"""
"""The reference's list, Interaction / Session Types, in its order and its words."""


def test_the_second_names_are_the_references_words() -> None:
    assert [kind.name_v2 for kind in SESSION_TYPES] == REFERENCE.strip().splitlines()


@pytest.mark.parametrize("kind", SESSION_TYPES, ids=lambda kind: str(kind.key))
@pytest.mark.parametrize("suffix", ["", " (UJET)", " (ujet)"])
@pytest.mark.parametrize("written", [str, str.lower, str.upper])
def test_either_name_of_each_kind_is_found_again(kind: SessionType, suffix: str, written: Callable[[str], str]) -> None:
    assert find(written(kind.name_v2) + suffix) is kind
    by_first = find(written(kind.name) + suffix)
    assert by_first is not None
    assert by_first.name == kind.name


@pytest.mark.parametrize("text", ["", "Fax", "(UJET)", " (UJET)"])
def test_a_name_that_nobody_has_is_none(text: str) -> None:
    assert find(text) is None
