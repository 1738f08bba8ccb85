"""Storage: a prefix is one customer's, and deleting it leaves nothing and touches nobody else."""

from __future__ import annotations

import io
from uuid import uuid4

import boto3
import pytest
from botocore.stub import Stubber

from openclaw_site.aws import errors, storage
from openclaw_site.aws.clients import client


@pytest.fixture
def s3():
    return boto3.client("s3", "eu-central-1")


@pytest.fixture
def bucket(s3):
    name = f"agents-{uuid4().hex}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture
def prefix(tenant_id):
    return f"{tenant_id}/"


def all_versions(s3, bucket):
    listed = s3.list_object_versions(Bucket=bucket)
    return [found["Key"] for kind in ("Versions", "DeleteMarkers") for found in listed.get(kind, [])]


def test_prefix_exists_once_put(s3, bucket, prefix, tenant_id):
    assert storage.prefix_exists(bucket=bucket, prefix=prefix) is False
    storage.put_prefix(bucket=bucket, prefix=prefix, tags={"TenantID": tenant_id, "Owner": "a b + c=d"})
    storage.put_prefix(bucket=bucket, prefix=prefix, tags={"TenantID": tenant_id, "Owner": "a b + c=d"})
    assert storage.prefix_exists(bucket=bucket, prefix=prefix) is True
    assert storage.count_objects(bucket=bucket, prefix=prefix) == 1
    tagging = s3.get_object_tagging(Bucket=bucket, Key=f"{prefix}{storage.MARKER_NAME}")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tagging} == {"TenantID": tenant_id, "Owner": "a b + c=d"}


def test_delete_removes_versions_and_markers_and_nothing_of_others(s3, bucket, prefix):
    other = f"{uuid4().hex}/"
    storage.put_prefix(bucket=bucket, prefix=prefix, tags={})
    storage.put_prefix(bucket=bucket, prefix=other, tags={})
    for body in (b"one", b"two"):
        s3.put_object(Bucket=bucket, Key=f"{prefix}notes/ü & <x>.txt", Body=body)
    s3.delete_object(Bucket=bucket, Key=f"{prefix}notes/ü & <x>.txt")
    assert storage.delete_prefix(bucket=bucket, prefix=prefix) == 4
    assert all_versions(s3, bucket) == [f"{other}{storage.MARKER_NAME}"]
    assert storage.delete_prefix(bucket=bucket, prefix=prefix) == 0


def test_delete_reads_every_page(bucket, prefix):
    first, second = (
        {"Versions": [{"Key": f"{prefix}a", "VersionId": "1"}], "IsTruncated": True},
        {"DeleteMarkers": [{"Key": f"{prefix}b", "VersionId": "2"}]},
    )
    first |= {"NextKeyMarker": f"{prefix}a", "NextVersionIdMarker": "1"}
    asked = {"Bucket": bucket, "Prefix": prefix}
    with Stubber(client("s3")) as stub:
        stub.add_response("list_object_versions", first)
        stub.add_response(
            "delete_objects",
            {},
            {"Bucket": bucket, "Delete": {"Objects": [{"Key": f"{prefix}a", "VersionId": "1"}], "Quiet": True}},
        )
        stub.add_response(
            "list_object_versions",
            second,
            {**asked, "KeyMarker": f"{prefix}a", "VersionIdMarker": "1"},
        )
        stub.add_response(
            "delete_objects",
            {},
            {"Bucket": bucket, "Delete": {"Objects": [{"Key": f"{prefix}b", "VersionId": "2"}], "Quiet": True}},
        )
        assert storage.delete_prefix(bucket=bucket, prefix=prefix) == 2
        stub.assert_no_pending_responses()


def test_count_reads_every_page(bucket, prefix):
    with Stubber(client("s3")) as stub:
        stub.add_response("list_objects_v2", {"KeyCount": 1000, "IsTruncated": True, "NextContinuationToken": "next"})
        stub.add_response("list_objects_v2", {"KeyCount": 7})
        assert storage.count_objects(bucket=bucket, prefix=prefix) == 1007


@pytest.mark.parametrize(
    ("code", "expected"), [("AccessDenied", errors.AccessDenied), ("InternalError", errors.ServiceFault)]
)
def test_objects_that_s3_did_not_delete_are_an_error(bucket, prefix, code, expected):
    with Stubber(client("s3")) as stub:
        stub.add_response("list_object_versions", {"Versions": [{"Key": f"{prefix}a", "VersionId": "1"}]})
        stub.add_response("delete_objects", {"Errors": [{"Key": f"{prefix}a", "Code": code}]})
        with pytest.raises(expected, match="1 objects were not deleted"):
            storage.delete_prefix(bucket=bucket, prefix=prefix)


@pytest.mark.parametrize(
    "bad", ["", "/", "a" * 32, "A" * 32 + "/", "a" * 31 + "/", "a" * 32 + "/x/", "a" * 32 + "/\n", "../"]
)
def test_prefix_that_is_not_a_tenants_is_refused_and_nothing_is_deleted(s3, bucket, prefix, bad):
    storage.put_prefix(bucket=bucket, prefix=prefix, tags={})
    for call in (storage.delete_prefix, storage.prefix_exists, storage.count_objects):
        with pytest.raises(errors.InvalidRequest):
            call(bucket=bucket, prefix=bad)
    with pytest.raises(errors.InvalidRequest):
        storage.put_prefix(bucket=bucket, prefix=bad, tags={})
    assert all_versions(s3, bucket) == [f"{prefix}{storage.MARKER_NAME}"]


def test_missing_bucket_is_said(prefix):
    for call in (storage.delete_prefix, storage.prefix_exists, storage.count_objects):
        with pytest.raises(errors.BucketMissing):
            call(bucket="no-such-bucket-here", prefix=prefix)
    with pytest.raises(errors.BucketMissing):
        storage.put_prefix(bucket="no-such-bucket-here", prefix=prefix, tags={})


@pytest.mark.parametrize("name", ["", "/x", "../x", "exports/../x", "Exports/x", "x y", 'x".zip', "x" * 300])
def test_names_that_could_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        storage.put_object(bucket="any", prefix=f"{'a' * 32}/", name=name, body=io.BytesIO(b""), content_type="x")
    with pytest.raises(errors.InvalidRequest):
        storage.delete_object(bucket="any", prefix=f"{'a' * 32}/", name=name, version="")
    for names in ({"name": name, "filename": "x.zip"}, {"name": "exports/x.zip", "filename": name}):
        with pytest.raises(errors.InvalidRequest):
            storage.download_url(bucket="any", prefix=f"{'a' * 32}/", seconds=60, **names)


def test_object_that_was_put_twice_is_gone_after_one_deletion(s3, bucket, prefix):
    put = {"bucket": bucket, "prefix": prefix, "name": "exports/x.zip", "content_type": "application/zip"}
    storage.put_object(**put, body=io.BytesIO(b"a worker that died"))
    version = storage.put_object(**put, body=io.BytesIO(b"another"))
    for _ in range(2):
        storage.delete_object(bucket=bucket, prefix=prefix, name="exports/x.zip", version=version)
        assert storage.count_objects(bucket=bucket, prefix=prefix) == 0
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert version not in {found["VersionId"] for found in versions}
