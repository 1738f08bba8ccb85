"""S3: one prefix a customer in the agents' bucket.

Owns the marker that makes a prefix exist, counting and weighing, single objects with their signed addresses, and
deletion of everything below it. The prefix is always a TenantID and a slash: any other is refused, so no slip of a
caller reaches another customer's objects or the whole bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urlencode

from openclaw_site.aws.clients import client
from openclaw_site.aws.errors import AccessDenied, BucketMissing, InvalidRequest, ServiceFault
from openclaw_site.aws.translation import translated

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ErrorTypeDef, ObjectIdentifierTypeDef

MARKER_NAME: Final = ".tenant"

_PREFIX: Final = re.compile(r"[0-9a-f]{32}/")
# What a name below a prefix, and a file that somebody downloads, may be called.
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9./-]{0,200}")


def put_prefix(*, bucket: str, prefix: str, tags: Mapping[str, str]) -> None:
    """The prefix exists: it holds a small tagged marker object. Safe to repeat.

    Raises BucketMissing, AccessDenied, InvalidRequest (a prefix that is not `<TenantID>/`).
    """
    _check(prefix, "PutObject")
    with translated("PutObject", missing=BucketMissing):
        client("s3").put_object(
            Bucket=bucket,
            Key=f"{prefix}{MARKER_NAME}",
            Body=b"This prefix belongs to one customer. Its agents keep their files below it.\n",
            ContentType="text/plain",
            Tagging=urlencode(dict(tags)),
        )


def prefix_exists(*, bucket: str, prefix: str) -> bool:
    """Whether any object stands below the prefix. Raises BucketMissing, AccessDenied, InvalidRequest."""
    _check(prefix, "ListObjectsV2")
    with translated("ListObjectsV2", missing=BucketMissing):
        return client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)["KeyCount"] > 0


def count_objects(*, bucket: str, prefix: str) -> int:
    """How many objects stand below the prefix now, the marker included and older versions not."""
    _check(prefix, "ListObjectsV2")
    with translated("ListObjectsV2", missing=BucketMissing):
        pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return sum(page["KeyCount"] for page in pages)


def prefix_bytes(*, bucket: str, prefix: str) -> int:
    """How many bytes stand below the prefix, older versions included, as S3 counts them for the bill.

    Raises BucketMissing, AccessDenied, InvalidRequest.
    """
    _check(prefix, "ListObjectVersions")
    with translated("ListObjectVersions", missing=BucketMissing):
        pages = client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        return sum(found["Size"] for page in pages for found in page.get("Versions", []))


def delete_prefix(*, bucket: str, prefix: str) -> int:
    """Nothing is left below the prefix: no object, no older version, no delete marker; how many were deleted.

    Safe to repeat; after a failure what is left is deleted by the next call. Something that is written
    during the call may stay: stop the customer's agents first. Raises BucketMissing, AccessDenied,
    ServiceFault, InvalidRequest (a prefix that is not `<TenantID>/`; nothing is deleted then).
    """
    _check(prefix, "DeleteObjects")
    deleted = 0
    for batch in _version_batches(bucket, prefix):
        with translated("DeleteObjects", missing=BucketMissing):
            answer = client("s3").delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        if failed := answer.get("Errors"):
            raise _deletion_error(failed)
        deleted += len(batch)
    return deleted


def put_object(*, bucket: str, prefix: str, name: str, body: IO[bytes], content_type: str) -> str:
    """The object `name` below the prefix holds `body`; the id of this version. Safe to repeat: it adds a version.

    Raises BucketMissing, AccessDenied, ServiceFault, InvalidRequest (a prefix or name that is none).
    """
    _check(prefix, "PutObject", name)
    with translated("PutObject", missing=BucketMissing):
        answer = client("s3").put_object(Bucket=bucket, Key=prefix + name, Body=body, ContentType=content_type)
    return answer.get("VersionId", "")


def delete_object(*, bucket: str, prefix: str, name: str, version: str) -> None:
    """That version of the object is gone for good, and no older one is seen in its place. Safe to repeat.

    Raises BucketMissing, AccessDenied, ServiceFault.
    """
    _check(prefix, "DeleteObject", name)
    with translated("DeleteObject", missing=BucketMissing):
        if version:
            client("s3").delete_object(Bucket=bucket, Key=prefix + name, VersionId=version)
        client("s3").delete_object(Bucket=bucket, Key=prefix + name)


def download_url(*, bucket: str, prefix: str, name: str, filename: str, seconds: int) -> str:
    """An address from which anybody who has it downloads the object, for so long. Calls nobody."""
    _check(prefix, "GetObject", name)
    _check(prefix, "GetObject", filename)
    wanted = {
        "Bucket": bucket,
        "Key": prefix + name,
        "ResponseContentDisposition": f'attachment; filename="{filename}"',
    }
    with translated("GetObject", missing=BucketMissing):
        return client("s3").generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds)


def _version_batches(bucket: str, prefix: str) -> Iterator[list[ObjectIdentifierTypeDef]]:
    """All versions and delete markers below the prefix, by the page (at most 1,000, as a deletion takes)."""
    with translated("ListObjectVersions", missing=BucketMissing):
        pages = client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            batch: list[ObjectIdentifierTypeDef] = [
                {"Key": found["Key"], "VersionId": found["VersionId"]} for found in page.get("Versions", [])
            ]
            batch += [
                {"Key": marker["Key"], "VersionId": marker["VersionId"]} for marker in page.get("DeleteMarkers", [])
            ]
            if batch:
                yield batch


def _deletion_error(failed: list[ErrorTypeDef]) -> AccessDenied | ServiceFault:
    """S3 answers a deletion of many with 200 and lists what it did not delete."""
    code = failed[0].get("Code", "")
    detail = f"{len(failed)} objects were not deleted ({code})"
    if code == "AccessDenied":
        return AccessDenied(detail, operation="DeleteObjects", code=code)
    return ServiceFault(detail, operation="DeleteObjects", code=code)


def _check(prefix: str, operation: str, name: str = "x") -> None:
    if not _PREFIX.fullmatch(prefix):
        raise InvalidRequest("a storage prefix is 32 lower-case hex digits and a slash", operation=operation)
    if not _NAME.fullmatch(name) or ".." in name:
        raise InvalidRequest("an object's name is of lower-case letters, digits, dots and hyphens", operation=operation)
