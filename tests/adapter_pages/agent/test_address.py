import pytest

from adapter_pages.agent import address
from adapter_pages.agent.address import Refused, Wanted


@pytest.mark.parametrize(
    ("query", "crm_type", "adapter"),
    [
        ({"type": "chat", "from": "custom"}, "custom", "chat"),
        ({"type": "CALL", "from": "Custom"}, "custom", "call"),
        ({"type": "chat"}, "none", "chat"),
        ({"type": "chat", "from": "custom"}, "none", "chat"),
    ],
)
def test_reads_the_adapter_without_regard_to_case(query: dict[str, str], crm_type: str, adapter: str) -> None:
    assert address.read(query, crm_type) == Wanted(adapter)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"from": "custom"}, "type is missing"),
        ({"type": "mail", "from": "custom"}, "type is “mail”"),
        ({"type": "chat"}, "from is missing"),
        ({"type": "chat", "from": "zendesk"}, "from is “zendesk”"),
    ],
)
def test_says_what_is_wrong_and_what_would_be_right(query: dict[str, str], says: str) -> None:
    refused = address.read(query, "custom")
    assert isinstance(refused, Refused)
    assert says in " ".join(refused.problems)
    assert refused.examples == ("/agent/?type=call&from=custom", "/agent/?type=chat&from=custom")
