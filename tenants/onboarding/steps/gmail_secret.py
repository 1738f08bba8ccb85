"""The customer's Gmail token in Secrets Manager. Waits, for days if need be, for the customer's consent."""

from openclaw_site.aws import secrets
from tenants.gmail.services import (
    GmailRevoked,
    GmailUnreachable,
    connection_check,
    connection_disconnect,
    mailbox_prove,
    token_deliver,
)
from tenants.models import Customer, GmailConnection, GmailState
from tenants.onboarding.steps.base import Found, Step, StepRetry, StepWaiting

_CONNECT = "Press “Connect Gmail” on the customer's page, or send the customer the link; it goes on by itself then."


class GmailSecretStep(Step):
    """Delivered from the outbox, proved with a real Gmail call; on the way out revoked and scheduled for deletion."""

    name = "gmail_secret"
    title = "Gmail permission"

    def apply(self, customer: Customer) -> Found:
        token_deliver(customer_id=customer.id)
        connection = GmailConnection.objects.get(tenant=customer)
        secret = secrets.find_secret(name=customer.secret_name)
        if connection.state == GmailState.NEEDS_RECONNECT:
            raise StepWaiting("Gmail must be connected again.", next_action=_CONNECT, person=True)
        if connection.state != GmailState.CONNECTED or secret is None or secret.deleted_at is not None:
            raise StepWaiting("Gmail is not connected yet.", next_action=_CONNECT, person=True)
        return {"secret": secret.name, "arn": secret.arn, "mailbox": connection.google_email}

    def verify(self, customer: Customer) -> None:
        try:
            mailbox_prove(customer=customer)
        except GmailUnreachable as error:
            raise StepRetry(str(error), next_action="Nothing now: Gmail is asked again.") from None
        except GmailRevoked as error:
            connection_check(customer_id=customer.id)
            raise StepWaiting(str(error), next_action=_CONNECT, person=True) from None
        GmailConnection.objects.filter(tenant=customer).update(error="", next_action="")

    def undo(self, customer: Customer) -> Found:
        return connection_disconnect(customer=customer)
