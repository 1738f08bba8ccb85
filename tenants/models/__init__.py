"""Public tables about customers. Each module holds fields, constraints and states; writes live in the services."""

from tenants.models.closing import ClosingMail
from tenants.models.customer import Customer, CustomerState, Domain, Membership, MembershipRole
from tenants.models.export import DataExport, ExportState
from tenants.models.gmail import GmailConnection, GmailIntent, GmailState, TokenOutbox
from tenants.models.handover import HandOver
from tenants.models.provisioning import (
    Provisioning,
    ProvisioningKind,
    ProvisioningState,
    ProvisioningStep,
    StepState,
)
from tenants.models.signup import Signup, SignupState
from tenants.models.support import SupportAccess, SupportVisit
from tenants.models.team import Invitation, MemberMail, MemberMailKind
from tenants.models.user import User

__all__ = [
    "ClosingMail",
    "Customer",
    "CustomerState",
    "DataExport",
    "Domain",
    "ExportState",
    "GmailConnection",
    "GmailIntent",
    "GmailState",
    "HandOver",
    "Invitation",
    "MemberMail",
    "MemberMailKind",
    "Membership",
    "MembershipRole",
    "Provisioning",
    "ProvisioningKind",
    "ProvisioningState",
    "ProvisioningStep",
    "Signup",
    "SignupState",
    "StepState",
    "SupportAccess",
    "SupportVisit",
    "TokenOutbox",
    "User",
]
