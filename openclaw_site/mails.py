"""One way to send a mail: a subject, a text and an HTML part from templates, to each person alone.

A mail's templates are `<name>_subject.txt`, `<name>.txt` and `<name>.html`, the last within `mail/base.html`.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string


def mail_send(addresses: Iterable[str], template: str, values: dict[str, Any]) -> int:
    """One mail to each address, so that nobody learns of the others; how many. A repeat sends again.

    Raises OSError when the mail server is away (smtplib's errors are among them).
    """
    subject = " ".join(render_to_string(f"{template}_subject.txt", values).split())
    text, html = (render_to_string(f"{template}.{kind}", {**values, "title": subject}) for kind in ("txt", "html"))
    mails = []
    with get_connection() as connection:
        for address in sorted(set(addresses)):
            mail = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [address], connection=connection)
            mail.attach_alternative(html, "text/html")
            mail.send()
            mails.append(mail)
    return len(mails)
