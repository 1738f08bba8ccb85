"""What has to happen before a closed customer's runs are deleted. Others own it (billing counts what they used).

AGENTS_BEFORE_FORGET names the function, which gets the customer's id. Needs the platform's context.
"""

import uuid

from django.conf import settings
from django.utils.module_loading import import_string


def before_forget(*, customer_id: uuid.UUID) -> None:
    """All that was to be read from the customer's runs was. Safe to repeat."""
    import_string(settings.AGENTS_BEFORE_FORGET)(customer_id=customer_id)
