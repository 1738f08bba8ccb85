"""What every button does: call one service, write the log, say what came of it. Owns no page and no rule."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest

from agents.errors import AgentError
from agents.models import Agent
from agents.services import agent_start, agent_stop
from openclaw_site.aws.errors import AwsError
from tenants.members.errors import LastOwner
from tenants.models import Customer, User

CHANGE_AGENT = "agents.change_agent"
# What the buttons of a customer's page need, beside the permission to see it.
CHANGE_CUSTOMER = "tenants.change_customer"
CONNECT = "tenants.add_gmailintent"
RETRY = "tenants.change_provisioning"
CLOSE = "tenants.delete_customer"


def staff(request: HttpRequest) -> User:
    """Who acts."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def act(request: HttpRequest, service: Callable[[], str], *, customer: Customer, also: Model | None = None) -> bool:
    """Whether the service did it. What it returns is told and logged with the customer (and `also`); a refusal is told
    with what to do about it.
    """
    try:
        done = service()
    except ValidationError as error:
        messages.error(request, _about(customer, " ".join(error.messages)))
    except (AgentError, AwsError, LastOwner) as error:
        messages.error(request, _about(customer, f"{error} {error.next_action}"))
    else:
        log(request, customer, done)
        if also is not None:
            log(request, also, done)
        messages.success(request, _about(customer, done))
        return True
    return False


def log(request: HttpRequest, thing: Model, what: str) -> None:
    """An entry in the thing's history, under the name of who acts."""
    LogEntry.objects.log_actions(staff(request).pk, [thing], CHANGE, what, single_object=True)


def start_or_stop(request: HttpRequest, agent: Agent, verb: str) -> None:
    """`start` or `stop` the agent now. Raises PermissionDenied without the permission to change agents."""
    if not request.user.has_perm(CHANGE_AGENT):
        raise PermissionDenied

    def start() -> str:
        agent_start(agent=agent, trigger="staff", actor=staff(request))
        return f"{agent.get_role_display()} was started."

    def stop() -> str:
        role = agent.get_role_display()
        if agent_stop(agent=agent, actor=staff(request), reason="Stopped by staff."):
            return f"{role} was told to stop."
        return f"{role} was not running; nothing was stopped."

    act(request, start if verb == "start" else stop, customer=agent.tenant, also=agent)


def _about(customer: Customer, text: str) -> str:
    """The text with the customer's name, once: an action on a list may speak of many."""
    return text if customer.name in text else f"{customer.name}: {text}"
