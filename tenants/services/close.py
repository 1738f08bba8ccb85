"""Closing a customer: what is under way is cancelled, and a run that undoes everything is queued."""

import logging

from django.db import transaction

from tenants.models import Customer, CustomerState, Provisioning, ProvisioningKind, User
from tenants.onboarding.services import provisioning_open, provisioning_supersede
from tenants.services.farewell import farewell_note
from tenants.services.states import customer_state_set

logger = logging.getLogger(__name__)


def customer_close(*, customer: Customer, actor: User | None) -> Provisioning:
    """The customer is offboarding and its offboarding run is queued; that run. Safe to repeat: there is one run.

    An open onboarding is cancelled and its worker fenced off: it can write no more. Its lease is left as it is, which
    tells the offboarding until when that worker may still be inside a step. Who owns the account now is mailed when it
    is over. `customer` is brought up to date. Needs the platform's context.
    """
    with transaction.atomic():
        Customer.objects.select_for_update().get(id=customer.id)
        run = Provisioning.objects.filter(tenant=customer, kind=ProvisioningKind.OFFBOARD).first()
        if run is None:
            provisioning_supersede(customer=customer)
            farewell_note(customer=customer)
            customer_state_set(customer_id=customer.id, state=CustomerState.OFFBOARDING)
            run = provisioning_open(customer=customer, kind=ProvisioningKind.OFFBOARD, requested_by=actor)
            logger.info("customer %s closed by user %s", customer.id, actor.pk if actor else "-")
    customer.refresh_from_db()
    return run
