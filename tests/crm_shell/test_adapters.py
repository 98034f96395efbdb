import pytest

from crm_shell.adapters import adapters


def test_our_own_adapters_come_from_where_the_page_comes() -> None:
    call, chat = adapters(None)
    assert (call.name, call.title, call.url) == ("call_adapter", "Call adapter", "/agent/?type=call&from=custom")
    assert (chat.name, chat.title, chat.url) == ("chat_adapter", "Chat adapter", "/agent/?type=chat&from=custom")
    assert call.origin is None
    assert chat.origin is None


@pytest.mark.parametrize(
    "base_url", ["https://Tenant.example", "https://Tenant.example/", "https://Tenant.example.:443"]
)
def test_another_tenants_adapters_have_that_tenants_origin(base_url: str) -> None:
    _, chat = adapters(base_url)
    assert chat.url == "https://tenant.example/agent/?type=chat&from=custom"
    assert chat.origin == "https://tenant.example"
