"""Mails about the Gmail connection."""

from django.core.mail import send_mail
from django.template.loader import render_to_string

from tenants.models import Customer


def send_needs_reconnect(*, customer: Customer, link: str) -> None:
    """Tell the customer that its agents can't read the mailbox any more, with a link to connect again."""
    send_mail(
        subject="Please connect Gmail again",
        message=render_to_string("gmail/needs_reconnect.txt", {"customer": customer, "link": link}),
        from_email=None,
        recipient_list=[customer.email],
        fail_silently=True,
    )
