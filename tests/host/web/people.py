"""Does with the test client what a person does in a browser."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PASSWORD = "correct horse"


def csrf_token(client: FlaskClient, path: str = "/consumer/") -> str:
    page = client.get(path, headers=PAGE).text
    match = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert match, page
    return match[1]


def sign_in(
    client: FlaskClient, email: str = "agent@example.com", password: str = PASSWORD, next_path: str = ""
) -> TestResponse:
    form = {"csrf_token": csrf_token(client), "email": email, "password": password, "next": next_path}
    return client.post("/sign-in", data=form, headers=PAGE)


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf_token(client), **fields}, headers=PAGE)
