"""How much of the bucket a customer's prefix fills, looked at once a day. Platform context; asks S3.

The day's record is the first look of the day and stays: a later look would tell of another moment. S3 averages over the
day by the hour; one look is near enough for what costs two cents a GiB and month.
"""

import logging
from datetime import date
from decimal import Decimal
from typing import Final

from django.conf import settings

from billing.models import UsageRecord
from openclaw_site.aws import storage
from openclaw_site.aws.errors import AwsError
from tenants.models import Customer
from tenants.selectors import customers_open

logger = logging.getLogger(__name__)

STORED: Final = "s3.gib_month"
SOURCE: Final = "storage:"
_GIB: Final = 1024**3


def storage_meter(*, day: date) -> int:
    """Every open customer has its record of the day, which has to be today; how many were added. Safe to repeat.

    A customer whose prefix can't be listed is logged, left out, and looked at by the next call.
    """
    known = UsageRecord.objects.filter(day=day, kind=STORED).values("tenant_id")
    return sum(_meter(customer, day) for customer in customers_open().exclude(pk__in=known).order_by("pk"))


def _meter(customer: Customer, day: date) -> bool:
    try:
        stored = storage.prefix_bytes(bucket=settings.AGENT_BUCKET, prefix=customer.storage_prefix)
    except AwsError as error:
        logger.warning("The storage of customer %s can't be measured: %s", customer.pk, error)
        return False
    quantity = (Decimal(stored) / _GIB).quantize(Decimal("0.000001"))
    values = {"tenant": customer, "quantity": quantity}
    return UsageRecord.objects.get_or_create(source=f"{SOURCE}{customer.pk}", kind=STORED, day=day, defaults=values)[1]
