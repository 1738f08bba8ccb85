"""The groups of staff and what each may do. The table is the truth: `manage.py migrate` brings the groups to it.

`app.view_*` stands for every such permission of the app, so that what an app gets later is in by itself.
"""

from fnmatch import fnmatchcase
from typing import Final

from django.contrib.auth.models import Group, Permission
from django.db import transaction

_CUSTOMER: Final = ("tenants.view_customer", "tenants.view_gmailconnection", "tenants.view_domain")
_RUNS: Final = ("tenants.view_provisioning", "tenants.view_provisioningstep", "agents.view_*")

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    # Onboards, connects Gmail, provisions, runs agents, pauses the fleet, closes.
    "operator": (
        *_CUSTOMER,
        *_RUNS,
        "tenants.add_customer",
        "tenants.change_customer",
        "tenants.delete_customer",
        "tenants.add_gmailintent",
        "tenants.change_provisioning",
        "agents.change_agent",
        "agents.change_fleet",
    ),
    # Plans and all that is money.
    "billing": (*_CUSTOMER, "billing.*"),
    # Helps members: who they are, a link to connect Gmail, and a look with the customer's knowledge.
    "support": (
        *_CUSTOMER,
        *_RUNS,
        "tenants.add_gmailintent",
        "tenants.view_membership",
        "tenants.add_membership",
        "tenants.change_membership",
        "tenants.delete_membership",
        "tenants.view_supportaccess",
        "tenants.add_supportaccess",
        "tenants.change_supportaccess",
    ),
    # Sees everything that staff can see, changes nothing.
    "read-only": ("tenants.view_*", "agents.view_*", "billing.view_*", "auth.view_group"),
}


def groups_ensure(*, using: str) -> None:
    """The groups exist and have what the table says, no more and no less. Other groups are left alone. Safe to repeat.

    What the table names and no app has yet is passed over.
    """
    rows = Permission.objects.using(using).values_list("pk", "content_type__app_label", "codename")
    known = {f"{app}.{codename}": pk for pk, app, codename in rows}
    with transaction.atomic(using=using):
        for name, patterns in GROUPS.items():
            group, _ = Group.objects.using(using).get_or_create(name=name)
            wanted = [pk for label, pk in known.items() if any(fnmatchcase(label, pattern) for pattern in patterns)]
            group.permissions.set(wanted)
