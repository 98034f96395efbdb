"""The call adapter, in its frame."""

from playwright.sync_api import FrameLocator, expect

OFFERED_WITHIN_MS = 10_000


class CallAdapter:
    """What an agent does in the call adapter."""

    def __init__(self, frame: FrameLocator) -> None:
        self.frame = frame
        self.status = frame.get_by_role("combobox", name="Status")
        self.answer_button = frame.get_by_role("button", name="Answer")
        self.caller = frame.locator("#call-name")
        self.state = frame.locator("[data-call-state]")
        self.account = frame.get_by_role("group", name="Account")
        self.record = frame.get_by_role("group", name="Record")
        self.disposition = frame.get_by_role("combobox", name="Disposition")
        self.notes = frame.get_by_role("textbox", name="Notes")
        self.finish_button = frame.get_by_role("button", name="Finish wrap-up")
        self.phone_number = frame.get_by_role("textbox", name="Phone number")
        self.dialog = frame.get_by_role("dialog")

    def answer(self, caller: str) -> None:
        """Answer the offer, which comes at once."""
        expect(self.answer_button).to_be_visible(timeout=OFFERED_WITHIN_MS)
        expect(self.frame.locator(".offer")).to_contain_text(caller)
        self.answer_button.click()
        expect(self.caller).to_have_text(caller)
        self.expect_state("Connected")

    def press(self, name: str) -> None:
        """Press one of the call's buttons."""
        self.frame.get_by_role("button", name=name, exact=True).click()

    def expect_state(self, word: str) -> None:
        """See the state of the call."""
        expect(self.state).to_contain_text(word)

    def transfer(self, to: str, target: str, *, warm: bool = False) -> None:
        """Transfer the call.

        Args:
            to: `Agent` or `Queue`.
            target: How its option begins: `Support / Web`.
            warm: Whether to stay until somebody answers.
        """
        self.press("Transfer")
        self.dialog.get_by_role("radio", name=to).check()
        field = self.dialog.get_by_role("combobox", name="Target")
        option = field.get_by_role("option").filter(has_text=target)
        expect(option).to_have_count(1)
        field.select_option(label=option.inner_text())
        if warm:
            self.dialog.get_by_role("checkbox", name="Warm").check()
        self.dialog.get_by_role("button", name="Transfer now").click()
        expect(self.dialog).to_be_hidden()

    def wrap_up(self, disposition: str | None = None, notes: str = "") -> None:
        """Fill in and finish the wrap-up."""
        self.expect_state("Wrap-up")
        if disposition:
            self.disposition.select_option(disposition)
        self.notes.fill(notes)
        self.finish_button.click()
        expect(self.finish_button).to_be_hidden()
