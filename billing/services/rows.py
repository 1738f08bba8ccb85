"""Bringing derived rows to what they should be, safe beside another process that does the same."""

import uuid
from collections.abc import Sequence
from typing import Final, TypeVar

from django.db import models, transaction

_BATCH: Final = 2000
Row = TypeVar("Row", bound=models.Model)


def rows_replace(
    *, table: type[Row], new: Sequence[Row], unique: Sequence[str], values: Sequence[str], gone: Sequence[uuid.UUID]
) -> None:
    """Write the new rows, over those that are the same by `unique`, and delete those of the ids `gone`.

    One transaction; of two processes at once both end in the same rows. Rows are written in the order of `new`, which
    has to be the same everywhere, so that neither waits for the other in a ring.
    """
    rows = table._default_manager
    with transaction.atomic():
        for start in range(0, len(gone), _BATCH):
            rows.filter(pk__in=gone[start : start + _BATCH]).delete()
        rows.bulk_create(
            new, batch_size=_BATCH, update_conflicts=True, unique_fields=list(unique), update_fields=list(values)
        )
