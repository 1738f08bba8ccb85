"""Taking access away: every session of a person ends at once, on every host."""

from django.db import transaction
from django.db.models import F

from tenants.members.services.support import support_accesses_end_of
from tenants.models import HandOver, User


def access_revoke(*, user: User) -> None:
    """No session that the person has holds from the next request on, nor a hand-over or support access under way.

    Whoever may still sign in can do so anew. Called wherever somebody loses a right: deactivated, staff no more, a
    membership taken away, an authenticator reset. Runs in the platform's context or a customer's, of which the latter
    reaches hand-overs and accesses of that customer only; the sessions end everywhere. Safe to repeat.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
        HandOver.objects.filter(user=user).delete()
        support_accesses_end_of(staff=user)
