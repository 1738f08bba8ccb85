"""An archive of all that is kept of a customer: asked for by an owner, made by a job, gone after EXPORT_DAYS.

The archive is made in the customer's own context, so nothing of another customer can get into it. It lies below the
customer's prefix in the bucket, so closing the account deletes it with everything else. Claims carry the number of the
attempt: a worker that was believed dead can write no more.
"""

import logging
import tempfile
import uuid
from datetime import timedelta
from typing import Final

from celery.exceptions import OperationalError
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from agents.workspace.services.archive import PARTS, archive_write
from openclaw_site.aws import storage
from openclaw_site.aws.errors import AwsError
from tenants.isolation.context import enter_platform
from tenants.members.services import owner_check
from tenants.models import Customer, CustomerState, DataExport, ExportState, Membership

logger = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 6
# Longer than one part of an archive takes; after it, the worker that has it is believed to be dead.
CLAIM_HOLDS: Final = timedelta(minutes=15)
# A message that did not arrive by then is lost.
_MESSAGE_PATIENCE: Final = timedelta(minutes=2)
_LEAVING: Final = (CustomerState.OFFBOARDING, CustomerState.CLOSED)


def export_ask(*, actor: Membership) -> DataExport:
    """An archive is being made; the one that is being made already, if there is one. Raises OwnersOnly."""
    owner_check(actor=actor)
    try:
        with transaction.atomic():
            asked = DataExport.objects.create(tenant=actor.tenant, requested_by=actor.user, parts_total=len(PARTS) + 1)
            transaction.on_commit(lambda: _enqueue(asked), robust=True)
    except IntegrityError:
        return DataExport.objects.filter(tenant=actor.tenant_id, state__in=DataExport.OPEN).latest("created_at")
    logger.info("export %s of customer %s asked for by user %s", asked.id, actor.tenant_id, actor.user_id)
    return asked


def export_link(*, actor: Membership, export_id: uuid.UUID) -> str | None:
    """An address from which the archive downloads, for EXPORT_LINK_SECONDS; None when it is not there (any more).

    Raises OwnersOnly.
    """
    owner_check(actor=actor)
    ready = DataExport.objects.filter(tenant=actor.tenant_id, state=ExportState.READY, expires_at__gt=Now())
    found = ready.filter(id=export_id).first()
    if found is None:
        return None
    logger.info("export %s of customer %s downloaded by user %s", found.id, actor.tenant_id, actor.user_id)
    return storage.download_url(
        bucket=settings.AGENT_BUCKET,
        prefix=actor.tenant.storage_prefix,
        name=found.object_name,
        filename=f"{actor.tenant.slug}-{found.created_at:%Y-%m-%d}.zip",
        seconds=settings.EXPORT_LINK_SECONDS,
    )


def export_make(*, customer: Customer, export_id: uuid.UUID) -> bool:
    """The archive lies in the customer's part of the bucket and its row says so; whether this call brought it there.

    Safe to run twice, at once or after a death half-way. Customer's context. Raises AwsError (it waits then).
    """
    waits = Q(state=ExportState.QUEUED) | Q(state=ExportState.RUNNING, claimed_at__lt=Now() - CLAIM_HOLDS)
    claim = DataExport.objects.filter(waits, id=export_id, tenant=customer)
    if not claim.update(state=ExportState.RUNNING, claimed_at=Now(), attempts=F("attempts") + 1, parts_done=0):
        return False
    export = DataExport.objects.get(id=export_id)
    ours = DataExport.objects.filter(id=export_id, state=ExportState.RUNNING, attempts=export.attempts)
    if customer.state in _LEAVING:
        ours.update(state=ExportState.FAILED, finished_at=Now())
        return False
    try:
        with tempfile.TemporaryFile() as file:
            archive_write(file, customer=customer, done=lambda: _count(ours))
            size = file.tell()
            file.seek(0)
            version = storage.put_object(
                bucket=settings.AGENT_BUCKET,
                prefix=customer.storage_prefix,
                name=export.object_name,
                body=file,
                content_type="application/zip",
            )
    except AwsError:
        ours.update(state=ExportState.QUEUED)
        raise
    except Exception:
        ours.update(state=ExportState.FAILED, finished_at=Now())
        raise
    return _record(customer, export, ours, version, size)


def export_give_up(*, export_id: uuid.UUID) -> None:
    """An archive that could not be made says so, and another one can be asked for."""
    DataExport.objects.filter(id=export_id, state__in=DataExport.OPEN).update(
        state=ExportState.FAILED, finished_at=Now()
    )


def exports_sweep() -> int:
    """Archives whose time is over are deleted, those that a worker left are made; how many. Platform's context."""
    expired = DataExport.objects.filter(state=ExportState.READY, expires_at__lte=Now()).select_related("tenant")
    deleted = sum(_expire(export) for export in expired[:100])
    lost = Q(state=ExportState.QUEUED, created_at__lt=Now() - _MESSAGE_PATIENCE) | Q(
        state=ExportState.RUNNING, claimed_at__lt=Now() - CLAIM_HOLDS
    )
    left = list(DataExport.objects.filter(lost)[:100])
    for export in left:
        if export.attempts >= MOST_ATTEMPTS:
            export_give_up(export_id=export.id)
        else:
            _enqueue(export)
    return deleted + len(left)


def _count(ours: QuerySet[DataExport]) -> None:
    ours.update(parts_done=F("parts_done") + 1, claimed_at=Now())


def _record(customer: Customer, export: DataExport, ours: QuerySet[DataExport], version: str, size: int) -> bool:
    """Ready; or deleted at once where the claim is lost, or where the account is being closed and would leave it."""
    until = timezone.now() + timedelta(days=settings.EXPORT_DAYS)
    with enter_platform():
        with transaction.atomic():
            # Closing locks the customer too: either it finds the archive, or we see that it is leaving.
            leaving = Customer.objects.select_for_update().get(id=customer.id).state in _LEAVING
            state = ExportState.FAILED if leaving else ExportState.READY
            kept = ours.update(
                state=state, object_version=version, size_bytes=size, finished_at=Now(), expires_at=until,
                parts_done=F("parts_total"),
            )  # fmt: skip
        if kept and not leaving:
            return True
        storage.delete_object(
            bucket=settings.AGENT_BUCKET, prefix=customer.storage_prefix, name=export.object_name, version=version
        )
    return False


def _expire(export: DataExport) -> bool:
    try:
        storage.delete_object(
            bucket=settings.AGENT_BUCKET,
            prefix=export.tenant.storage_prefix,
            name=export.object_name,
            version=export.object_version,
        )
    except AwsError as error:
        logger.warning("Export %s is not deleted yet: %s", export.id, error)
        return False
    rows = DataExport.objects.filter(id=export.id, state=ExportState.READY)
    return bool(rows.update(state=ExportState.EXPIRED))


def _enqueue(export: DataExport) -> None:
    from agents.workspace.tasks import export_make as task

    try:
        task.delay(str(export.tenant_id), str(export.id))
    except (OperationalError, OSError) as error:
        logger.warning("export %s waits for the sweep: %s", export.id, type(error).__name__)
