import pytest

from host.field_mapping.choice import STRATEGIES, kind_of, strategy_for


@pytest.mark.parametrize(
    ("hosts", "kind"),
    [
        ([], "generic"),
        (["localhost:8001"], "generic"),
        (["acme.zendesk.com"], "zendesk"),
        (["acme.my.salesforce.com:443"], "salesforce"),
        (["login.salesforce.com"], "salesforce"),
        (["acme.api.kustomerapp.com"], "kustomer"),
        (["notzendesk.com"], "generic"),
        (["zendesk.com.evil.example"], "generic"),
    ],
)
def test_the_hosts_say_which_crm_it_is(hosts: list[str], kind: str) -> None:
    assert kind_of(hosts) == kind


def test_the_setting_wins() -> None:
    assert strategy_for("kustomer", ["acme.zendesk.com"]) is STRATEGIES["kustomer"]
    assert strategy_for("automatic", ["acme.zendesk.com"]) is STRATEGIES["zendesk"]
