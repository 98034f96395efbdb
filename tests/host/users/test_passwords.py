import subprocess
import sys

from host.users import passwords

UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent
from host.users import passwords
hashed = passwords.hash_password("correct horse")
rounds = 0
def others():
    global rounds
    while True:
        gevent.sleep(0.001)
        rounds += 1
gevent.spawn(others)
assert hashed.startswith("scrypt:32768:8:1$"), hashed
assert passwords.verify(hashed, "correct horse") and not passwords.verify(hashed, "other")
assert rounds > 5, rounds
"""


def test_others_go_on_under_gevent_while_a_password_is_hashed() -> None:
    subprocess.run([sys.executable, "-c", UNDER_GEVENT], check=True)


def test_verifies_the_right_password_only() -> None:
    hashed = passwords.hash_password("correct horse")
    assert passwords.verify(hashed, "correct horse")
    assert not passwords.verify(hashed, "correct horse ")


def test_hashes_are_salted() -> None:
    assert passwords.hash_password("same") != passwords.hash_password("same")


def test_nobody_has_no_password_not_even_the_made_up_one() -> None:
    assert not passwords.verify(None, "nobody")


def test_an_endless_text_is_not_its_own_beginning() -> None:
    hashed = passwords.hash_password("x" * passwords.MAX_LENGTH)
    assert not passwords.verify(hashed, "x" * (passwords.MAX_LENGTH + 1))
