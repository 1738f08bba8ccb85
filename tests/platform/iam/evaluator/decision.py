"""The decision: an explicit refusal wins, then what is allowed by all that has to allow it, else no.

In one account: allowed is what an identity policy and the boundary (if there is one) allow together, or what the
resource's policy grants to the role's session. We write no such grants to roles, so a resource policy that allows a
principal of ours beyond its boundary raises Unsupported instead of being guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from . import conditions
from .documents import Policy, Statement, Unsupported
from .matching import Context, matches


class Decision(StrEnum):
    """What AWS answers, and why."""

    ALLOWED = "allowed"
    DENIED = "denied by a statement"
    NOT_ALLOWED = "allowed by nothing"


@dataclass(frozen=True)
class Principal:
    """A role as it acts: its ARN, tags, attached policies and boundary."""

    arn: str
    policies: Sequence[Policy]
    boundary: Policy | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """One call: action, resource, what the service tells of it, and the resource's own policy, if it has one."""

    action: str
    resource: str
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    resource_policy: Policy | None = None


def decide(principal: Principal, request: Request) -> Decision:
    """What AWS answers to the principal's request."""
    context = _context(principal, request)
    everything = [*principal.policies, *([principal.boundary] if principal.boundary else [])]
    from_resource = request.resource_policy.statements if request.resource_policy else ()
    for statement in (one for policy in everything for one in policy.statements):
        if statement.principals is not None:
            raise Unsupported("an identity policy names no principal")
        if not statement.allows and _applies(statement, request, context):
            return Decision.DENIED
    ours = [one for one in from_resource if _names(one, principal.arn, context)]
    if any(not one.allows and _applies(one, request, context) for one in ours):
        return Decision.DENIED
    if any(one.allows and _applies(one, request, context) for one in ours):
        raise Unsupported("a grant by a resource's policy")
    by_identity = any(_allows(policy, request, context) for policy in principal.policies)
    by_boundary = principal.boundary is None or _allows(principal.boundary, request, context)
    return Decision.ALLOWED if by_identity and by_boundary else Decision.NOT_ALLOWED


def trusts(policy: Policy, *, kind: str, who: str, action: str, context: Mapping[str, str]) -> bool:
    """Whether a role's trust lets this principal (kind Service, Federated or AWS) take it on."""
    request = Request(action, "", context)
    keys: Context = {key.lower(): (value,) for key, value in context.items()}
    found = [
        one
        for one in policy.statements
        if any(matches(pattern, who, keys) for pattern in (one.principals or {}).get(kind, ()))
        and _acts(one, request, keys)
        and conditions.hold(one.conditions, keys)
    ]
    return any(one.allows for one in found) and all(one.allows for one in found)


def _context(principal: Principal, request: Request) -> Context:
    given = {
        key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in request.context.items()
    }
    tags = {f"aws:principaltag/{name}".lower(): (value,) for name, value in principal.tags.items()}
    return {"aws:principalarn": (principal.arn,), "aws:securetransport": ("true",), **tags, **given}


def _allows(policy: Policy, request: Request, context: Context) -> bool:
    return any(one.allows and _applies(one, request, context) for one in policy.statements)


def _applies(statement: Statement, request: Request, context: Context) -> bool:
    if not _acts(statement, request, context):
        return False
    on_it = any(matches(pattern, request.resource, context) for pattern in statement.resources)
    return on_it != statement.not_resources and conditions.hold(statement.conditions, context)


def _acts(statement: Statement, request: Request, context: Context) -> bool:
    named = any(matches(pattern, request.action, context, ignore_case=True) for pattern in statement.actions)
    return named != statement.not_actions


def _names(statement: Statement, arn: str, context: Context) -> bool:
    principals = statement.principals
    if principals is None:
        raise Unsupported("a resource's policy names a principal")
    for who in principals.get("AWS", ()):
        if who != "*" and not who.startswith("arn:"):
            raise Unsupported(f"principal {who}")
    # Root stands for the account: such a statement only lets identity policies decide.
    return any(who == "*" or who == arn for who in principals.get("AWS", ()))
