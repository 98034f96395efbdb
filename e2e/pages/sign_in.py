"""The sign-in form, wherever it stands."""

from playwright.sync_api import FrameLocator, Page, expect

from e2e.product import PASSWORD


class SignInPage:
    """The form on a page or in a frame."""

    def __init__(self, root: Page | FrameLocator) -> None:
        self.email = root.get_by_role("textbox", name="E-mail")
        self.password = root.get_by_label("Password")  # password fields have no role
        self.button = root.get_by_role("button", name="Sign in")

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Fill in and send."""
        self.email.fill(email)
        self.password.fill(password)
        self.button.click()
        expect(self.button).to_have_count(0)
