"""A supervisor sees what may not have reached the CRM, decides, and it exists once."""

from playwright.sync_api import BrowserContext, expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.pages.sign_in import SignInPage
from e2e.product import Product
from e2e.test_accessibility import check_looks
from e2e.waiting import eventually

PHONE = "+12225550701"


def test_a_supervisor_has_an_account_sent_again_that_is_not_in_the_crm(
    shell: ShellPage, consumer: ConsumerPage, consumer_context: BrowserContext, product: Product
) -> None:
    page = consumer_context.new_page()
    page.goto("/")
    SignInPage(page).sign_in("supervisor@example.com")
    expect(page).to_have_url(f"{product.url}/portal/deliveries")
    expect(page.get_by_text("Nothing is in trouble.")).to_be_visible()
    check_looks(consumer_context, {"deliveries, none": page.main_frame})

    product.crm.fault("500", method="POST", path="/api/accounts")
    consumer.start_chat("<b>Le Chiffre</b>", PHONE)
    shell.chat.answer()
    expect(shell.chat.account).to_contain_text("Looking for it again in")
    page.reload()
    expect(page.get_by_text("Tried again by itself")).to_be_visible()
    expect(page.get_by_text("create_account, answered 500")).to_be_visible()
    assert "Chiffre" not in page.content()
    assert PHONE not in page.content()
    check_looks(consumer_context, {"deliveries, in trouble": page.main_frame})

    product.crm.clear_faults()
    page.get_by_role("button", name="Send again").click()
    shell.expect_record_of("<b>Le Chiffre</b>", PHONE)
    eventually(lambda: len(product.crm.accounts(PHONE)) == 1, what="one account")
    page.reload()
    expect(page.get_by_text("Nothing is in trouble.")).to_be_visible()
    shell.chat.end()
