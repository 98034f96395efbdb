import pytest

from host.web.security.csp import adapter_policy, portal_policy, shell_policy


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in (part.split() for part in policy.split("; "))}


POLICIES = (
    shell_policy((), (), (), ()),
    shell_policy(("https://tenant.example",), ("localhost:8001",), ("app.crm.example",), ("https://crm.example",)),
    adapter_policy(("https://crm.example",)),
    portal_policy(),
)


@pytest.mark.parametrize("policy", POLICIES)
def test_no_policy_lets_in_other_hosts_scripts_or_inline_code(policy: str) -> None:
    found = directives(policy)
    assert found["default-src"] == ["'none'"]
    assert found["object-src"] == found["base-uri"] == ["'none'"]
    assert found["style-src"] == found["connect-src"] == found["form-action"] == ["'self'"]
    assert found["require-trusted-types-for"] == ["'script'"]
    assert found["trusted-types"] == ["patchbay-fragment"]
    assert set(found["script-src"]) <= {"'self'", "'wasm-unsafe-eval'"}
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy


def test_the_shell_frames_its_adapters_and_the_crm_and_compiles_webassembly() -> None:
    found = directives(
        shell_policy(("https://tenant.example",), ("localhost:8001",), ("app.crm.example",), ("https://crm.example",))
    )
    assert found["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert found["frame-src"] == [
        "'self'",
        "https://tenant.example",
        "https://localhost:8001",
        "http://localhost:8001",
        "https://app.crm.example",
        "http://app.crm.example",
    ]
    assert found["frame-ancestors"] == ["'self'", "https://crm.example"]


def test_an_adapter_frames_nothing_and_is_framed_by_the_allow_list() -> None:
    found = directives(adapter_policy(("https://crm.example", "http://localhost:8001")))
    assert "frame-src" not in found
    assert found["script-src"] == ["'self'"]
    assert found["frame-ancestors"] == ["'self'", "https://crm.example", "http://localhost:8001"]


def test_nobody_frames_the_portal() -> None:
    assert directives(portal_policy())["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize(
    "origin", ["", "https://a.example; script-src *", "https://a https://b", "https://a,b", "a\nb", "https://ä"]
)
def test_a_setting_cannot_start_a_directive_of_its_own(origin: str) -> None:
    with pytest.raises(ValueError, match=r"frame-ancestors: .* is no source"):
        adapter_policy((origin,))
