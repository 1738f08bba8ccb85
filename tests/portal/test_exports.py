"""The archive of a customer's data: for owners, one at a time, whole, its own alone, and gone after its time."""

import csv
import io
import json
import os
import re
import zipfile
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from agents.workspace.models import Profile
from agents.workspace.services import export_ask, export_make, exports_sweep
from agents.workspace.tasks import export_make as task
from openclaw_site.aws import clients, storage
from openclaw_site.aws.errors import Unreachable
from openclaw_site.devstack.world import World
from tenants.isolation.context import enter_customer, enter_platform
from tenants.models import Customer, DataExport, User
from tests.portal.factories import fill, make_lead
from tests.portal.test_team import at_once, page
from tests.portal.visitors import membership_of

pytestmark = pytest.mark.usefixtures("aws")


def exports() -> list[DataExport]:
    with enter_platform():
        return list(DataExport.objects.order_by("created_at"))


def make(customer: Customer) -> None:
    """As a worker does what waits."""
    for export in exports():
        if export.state in DataExport.OPEN:
            task(str(customer.id), str(export.id))


def downloaded(owner: Client) -> zipfile.ZipFile:
    """The archive that the page's button leads to."""
    path = re.search(r'action="(/account/exports/[^"]{36}/)"', page(owner, "/account/"))
    assert path is not None
    reply = owner.post(path[1])
    assert reply.status_code == 302
    answer = httpx.get(reply["Location"])
    assert answer.status_code == 200, answer.text
    assert re.search(r'attachment; filename="harborline-[\d-]+\.zip"', answer.headers["Content-Disposition"])
    return zipfile.ZipFile(io.BytesIO(answer.content))


def objects(customer: Customer) -> int:
    return storage.count_objects(bucket=os.environ["AGENT_BUCKET"], prefix=customer.storage_prefix)


def test_owner_asks_sees_the_progress_and_downloads_everything_of_this_customer(
    customer: Customer, other: Customer, owner: Client
) -> None:
    for one in (customer, other):
        fill(one)
        with enter_customer(one.id):
            Profile.objects.create(tenant_id=one.id, tone=f"Tone of {one.slug}", facts="Facts")
    make_lead(customer, name="=cmd|x", email="evil@x.example")
    make_lead(other, name="Theirs")
    assert "No archive was made yet" in page(owner, "/account/")
    assert owner.post("/account/exports/").status_code == 302
    text = page(owner, "/account/")
    assert "<progress" in text
    assert 'hx-get="/account/exports/"' in text
    make(customer)
    assert 'hx-get="' not in page(owner, "/account/")
    archive = downloaded(owner)
    kinds = ("leads", "drafts", "messages", "briefs", "activity", "profile", "members")
    assert set(archive.namelist()) == {"README.txt", *(f"{kind}.{end}" for kind in kinds for end in ("json", "csv"))}
    content = {kind: json.loads(archive.read(f"{kind}.json")) for kind in kinds}
    assert {kind: len(rows) for kind, rows in content.items()} == {
        "leads": 2, "drafts": 1, "messages": 2, "briefs": 1, "activity": 2, "profile": 1, "members": 1,
    }  # fmt: skip
    assert content["profile"][0]["tone"] == "Tone of harborline"
    assert content["members"][0]["email"] == "anna@harborline.example"
    assert "Dear hush" in content["drafts"][0]["body"]
    texts = {kind: archive.read(f"{kind}.csv").decode("utf-8-sig") for kind in kinds}
    tables = {kind: list(csv.DictReader(io.StringIO(text, newline=""))) for kind, text in texts.items()}
    assert {kind: len(rows) for kind, rows in tables.items()} == {kind: len(rows) for kind, rows in content.items()}
    assert "'=cmd|x" in {row["name"] for row in tables["leads"]}
    assert "=cmd|x" in {row["name"] for row in content["leads"]}
    assert "harborline" in archive.read("README.txt").decode().lower()
    whole = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "Theirs" not in whole
    assert "fernweh" not in whole


def test_asked_twice_at_once_is_one_archive(customer: Customer, anna: User) -> None:
    mine = membership_of(anna)

    def ask() -> None:
        with enter_customer(customer.id):
            export_ask(actor=mine)

    assert at_once(ask, ask, ask) == ["done"] * 3
    assert len(exports()) == 1
    export = exports()[0]

    def work() -> None:
        with enter_customer(customer.id):
            if not export_make(customer=customer, export_id=export.id):
                raise LookupError

    assert at_once(work, work) == ["LookupError", "done"]
    task(str(customer.id), str(export.id))
    assert (exports()[0].state, exports()[0].attempts) == ("ready", 1)
    assert objects(customer) == 1


def test_second_click_says_that_one_is_being_made(owner: Client) -> None:
    owner.post("/account/exports/")
    owner.post("/account/exports/")
    assert "One is being made already." in page(owner, "/account/")
    assert len(exports()) == 1


def test_archive_is_deleted_when_its_time_is_over(customer: Customer, owner: Client) -> None:
    owner.post("/account/exports/")
    make(customer)
    with enter_platform():
        assert exports_sweep() == 0
        DataExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    path = f"/account/exports/{exports()[0].id}/"
    assert owner.post(path)["Location"] == "/account/", "not even before the sweep has come"
    with enter_platform():
        assert exports_sweep() == 1
        assert exports_sweep() == 0
    found = clients.client("s3").list_object_versions(Bucket=os.environ["AGENT_BUCKET"], Prefix=customer.storage_prefix)
    assert found.get("Versions", []) == []
    assert "Its time is over" in page(owner, "/account/")
    owner.post("/account/exports/")
    assert len(exports()) == 2


def test_link_to_the_archive_ends_soon(customer: Customer, owner: Client, settings: Any) -> None:
    owner.post("/account/exports/")
    make(customer)
    address = httpx.URL(owner.post(f"/account/exports/{exports()[0].id}/")["Location"])
    assert address.params["X-Amz-Expires"] == "60"
    assert address.params["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"


def test_lost_message_and_dead_worker_are_made_up_for(customer: Customer, owner: Client, eager: None) -> None:
    with enter_platform():
        for state in ("queued", "running"):
            DataExport.objects.all().delete()
            DataExport.objects.create(
                tenant=customer, state=state, parts_total=8, claimed_at=timezone.now() - timedelta(hours=1)
            )
            DataExport.objects.update(created_at=timezone.now() - timedelta(hours=1))
            assert exports_sweep() == 1
            assert [one.state for one in exports()] == ["ready"]


def test_archive_that_cannot_be_stored_says_so_after_some_tries(
    customer: Customer, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.post("/account/exports/")
    export = exports()[0]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(clients, "MAX_ATTEMPTS", 1)
    clients.reset_clients()
    try:
        with pytest.raises(Unreachable), enter_customer(customer.id):
            export_make(customer=customer, export_id=export.id)
    finally:
        monkeypatch.undo()
        clients.reset_clients()
    assert exports()[0].state == "queued"
    with enter_platform():
        DataExport.objects.update(attempts=6, created_at=timezone.now() - timedelta(hours=1))
        exports_sweep()
    assert "could not be made" in page(owner, "/account/")
    owner.post("/account/exports/")
    make(customer)
    assert exports()[1].state == "ready"


def test_account_that_is_closed_meanwhile_leaves_no_archive(
    customer: Customer, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.post("/account/exports/")

    def put_while_closing(**values: Any) -> str:
        version = put(**values)
        with enter_platform():
            Customer.objects.filter(id=customer.id).update(state="offboarding")
        return version

    put = storage.put_object
    monkeypatch.setattr(storage, "put_object", put_while_closing)
    make(customer)
    assert exports()[0].state == "failed"
    assert objects(customer) == 0


def test_archive_of_another_customer_is_not_there(customer: Customer, other: Customer, owner: Client) -> None:
    with enter_platform():
        theirs = DataExport.objects.create(
            tenant=other, state="ready", expires_at=timezone.now() + timedelta(days=1), size_bytes=1
        )
    assert owner.post(f"/account/exports/{theirs.id}/")["Location"] == "/account/"
    assert str(theirs.id) not in page(owner, "/account/")


def test_members_see_no_archives(customer: Customer, member: Client, anna: User, world: World) -> None:
    with enter_customer(customer.id):
        export_ask(actor=membership_of(anna))
    text = page(member, "/account/")
    assert "Only an owner can export the data" in text
    assert "<progress" not in text
    assert member.get("/account/exports/").status_code == 403
