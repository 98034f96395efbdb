import pytest

from host.webhooks import signature


def test_signs_as_the_published_example() -> None:
    signed = signature.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_prefix_may_be_missing() -> None:
    bare = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert signature.key_of(bare) == signature.key_of(f"whsec_{bare}")


@pytest.mark.parametrize("secret", ["whsec_a", "not base64!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_"])
def test_refuses_what_is_no_base64(secret: str) -> None:
    with pytest.raises(ValueError, match="no base64"):
        signature.key_of(secret)
