"""What is handed to the workers. A broker that is away costs nothing: the sweep hands it out again."""

from django.db import transaction

from tenants.models import Signup


def mail(signup: Signup) -> None:
    """On commit, the sign-up's mail is to be sent."""
    from tenants.signup.tasks import signup_mail_send

    transaction.on_commit(lambda: signup_mail_send.delay(str(signup.id)), robust=True)


def make(signup: Signup) -> None:
    """On commit, the customer is to be made."""
    from tenants.signup.tasks import signup_make

    transaction.on_commit(lambda: signup_make.delay(str(signup.id)), robust=True)
