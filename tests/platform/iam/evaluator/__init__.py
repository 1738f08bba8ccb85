"""AWS's rules for evaluating policies, as far as ours go, for one account and no organisation.

Source: AWS Identity and Access Management user guide, "Policy evaluation logic", "IAM JSON policy elements: Condition
operators", "IAM policy elements: Variables and tags", "Permissions boundaries for IAM entities". What is not
implemented (session policies, service and resource control policies, other accounts, NotPrincipal, unknown operators)
raises Unsupported: nothing is passed that was not understood.
"""

from .decision import Decision, Principal, Request, decide, trusts
from .documents import Policy, Unsupported

__all__ = ["Decision", "Policy", "Principal", "Request", "Unsupported", "decide", "trusts"]
