"""The owner gives a card at Stripe of the embedded world: wish, worker, page, webhook, all as they run."""

from tests.e2e.walks.walker import Walker


def pay_by_card(walker: Walker) -> str:
    """From the plan's page to Stripe's and back, and once more to change the card; what the plan's page says then."""
    page = walker.page
    walker.press("Plan", exact=True)
    button = page.get_by_role("button", name="Pay by card")
    walker.reload_until(lambda: button.count() > 0, "a way to pay by card", seconds=90)
    walker.press("Pay by card")
    page.wait_for_url("**/checkout/**")
    page.get_by_role("button").first.click()
    walker.sees("Thank you.")
    walker.reload_until(lambda: "Your card is charged then." in walker.text(), "Stripe's message", seconds=60)
    walker.look("plan by card")
    told = walker.text()
    walker.press("Change the card")
    page.wait_for_url("**/p/session/**")
    page.get_by_role("link", name="Return").click()
    walker.sees("Plan and invoices")
    return told
