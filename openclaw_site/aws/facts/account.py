"""The account: who we are in it and when, what it may have, how billing splits it, whether its mail goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from openclaw_site.aws.clients import client
from openclaw_site.aws.errors import InvalidRequest
from openclaw_site.aws.identity import Identity, identity_of
from openclaw_site.aws.translation import translated

# Quota codes of Fargate, in vCPUs: AWS General Reference, "Amazon ECS endpoints and quotas".
FARGATE_ON_DEMAND: Final = "L-3032A538"
FARGATE_SPOT: Final = "L-36FBB829"


@dataclass(frozen=True)
class Seen:
    """Our identity, and the time at AWS when it answered."""

    identity: Identity
    at: datetime


def seen_by_aws() -> Seen:
    """Raises CredentialsMissing, Unreachable."""
    with translated("GetCallerIdentity"):
        answer = client("sts").get_caller_identity()
    return Seen(identity_of(answer), parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]))


def time_at_aws() -> datetime:
    """The time at AWS, also from one that does not accept our signature. Raises Unreachable, CredentialsMissing."""
    from botocore.exceptions import ClientError

    with translated("GetCallerIdentity"):
        try:
            headers = client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
        except ClientError as refused:
            headers = refused.response["ResponseMetadata"]["HTTPHeaders"]
            if "date" not in headers:
                raise
    return parsedate_to_datetime(headers["date"])


def fargate_vcpu_quota(code: str) -> float | None:
    """vCPUs that may run at once, of one kind of capacity; None when AWS knows no such quota here."""
    try:
        with translated("GetServiceQuota"):
            answer = client("service-quotas").get_service_quota(ServiceCode="fargate", QuotaCode=code)
    except InvalidRequest:
        return None
    return float(answer["Quota"]["Value"])


def role_usage() -> tuple[int, int] | None:
    """IAM roles of the account: how many there are, how many there may be. None when AWS does not say."""
    with translated("GetAccountSummary"):
        summary = client("iam").get_account_summary()["SummaryMap"]
    if "Roles" not in summary or "RolesQuota" not in summary:
        return None
    return summary["Roles"], summary["RolesQuota"]


def cost_tag_status(tag: str) -> str | None:
    """`Active` or `Inactive`; None while billing has not seen the tag."""
    with translated("ListCostAllocationTags"):
        answer = client("ce").list_cost_allocation_tags(TagKeys=[tag], Type="UserDefined")
    found = answer["CostAllocationTags"]
    return found[0]["Status"] if found else None


def cost_tag_activate(tag: str) -> None:
    """Billing splits costs by the tag from now on. Safe to repeat. Raises InvalidRequest when billing refuses."""
    with translated("UpdateCostAllocationTagsStatus"):
        answer = client("ce").update_cost_allocation_tags_status(
            CostAllocationTagsStatus=[{"TagKey": tag, "Status": "Active"}]
        )
    if refused := answer.get("Errors"):
        raise InvalidRequest(refused[0].get("Message", ""), operation="UpdateCostAllocationTagsStatus")


@dataclass(frozen=True)
class MailStanding:
    """Whether SES sends our mail at all, and whether to everybody (`production`) or verified addresses alone."""

    sending: bool
    production: bool


def mail_standing() -> MailStanding:
    """The account's standing at Amazon SES in this region."""
    with translated("GetAccount"):
        answer = client("sesv2").get_account()
    return MailStanding(bool(answer.get("SendingEnabled")), bool(answer.get("ProductionAccessEnabled")))
