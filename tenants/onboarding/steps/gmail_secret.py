"""The customer's Gmail token in Secrets Manager. Waits, without a running task, until a person gives the consent."""

from openclaw_site.aws import secrets
from tenants.gmail.crypto import TokenUnreadable
from tenants.gmail.google import GmailMisconfigured, GmailTrouble
from tenants.gmail.services import connection_disconnect, connection_prove, token_deliver
from tenants.models import Customer, GmailConnection, GmailState, TokenOutbox
from tenants.onboarding.steps.base import Found, Step, StepFailed, StepRetry, StepWaiting

_CONNECT = "Press “Connect Gmail” on the customer's page, or send the customer a link: `manage.py connect_gmail_url`."


class GmailSecretStep(Step):
    """Done when the stored refresh token has read the mailbox; taken away by revoking and deleting it."""

    name = "gmail_secret"
    title = "Gmail connection"

    def apply(self, customer: Customer) -> Found:
        try:
            token_deliver(customer_id=customer.id)
        except TokenUnreadable as error:
            raise StepFailed(str(error), next_action=error.next_action) from None
        state = GmailConnection.objects.values_list("state", flat=True).get(tenant=customer)
        if state == GmailState.STORING and TokenOutbox.objects.filter(tenant=customer).exists():
            raise StepWaiting("The token is on its way.", next_action="Nothing: it takes seconds.", poll_seconds=1)
        if state != GmailState.CONNECTED:
            raise _wait_for_consent(customer)
        secret = secrets.find_secret(name=customer.secret_name)
        return {"secret": customer.secret_name, "arn": secret.arn} if secret else {}

    def verify(self, customer: Customer) -> None:
        try:
            state = connection_prove(customer_id=customer.id)
        except GmailMisconfigured as error:
            raise StepFailed(str(error), next_action=error.next_action) from None
        except GmailTrouble as error:
            raise StepRetry(str(error), next_action=error.next_action) from None
        if state != GmailState.CONNECTED:
            raise _wait_for_consent(customer)

    def undo(self, customer: Customer) -> Found:
        return connection_disconnect(customer_id=customer.id)

    def remains(self, customer: Customer) -> list[str]:
        secret = secrets.find_secret(name=customer.secret_name)
        return [f"secret {customer.secret_name}"] if secret and secret.deleted_at is None else []


def _wait_for_consent(customer: Customer) -> StepWaiting:
    connection = GmailConnection.objects.get(tenant=customer)
    if connection.state == GmailState.NEEDS_RECONNECT:
        return StepWaiting(f"Gmail must be connected again. {connection.error}", next_action=_CONNECT, person=True)
    return StepWaiting("Gmail is not connected yet.", next_action=_CONNECT, person=True)
