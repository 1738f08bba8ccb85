"""Whether a customer's plan has room for one more person. Any context."""

from django.core.exceptions import ValidationError

from tenants.models import Customer, Invitation, Membership
from tenants.plans import members_limit


def room_check(*, customer: Customer, email: str) -> None:
    """Nobody of this address is one too many for the customer's plan; open invitations count as people.

    Two who ask at the same moment may both get in; the next one does not. Raises ValidationError with an `error_dict`.
    """
    limit = members_limit(plan=customer.plan)
    if limit is None:
        return
    members = set(Membership.objects.filter(tenant=customer).values_list("user__email", flat=True))
    invited = set(Invitation.objects.filter(tenant=customer, accepted_at=None).values_list("email", flat=True))
    others = (members | invited) - {email}
    if len(others) >= limit and email not in members:
        taken = f"The plan has room for {limit} people, and {len(others)} belong or are invited."
        raise ValidationError({"email": f"{taken} A larger plan has more."})
