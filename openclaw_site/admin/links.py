"""Addresses and links that several pages show."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agents.models import Agent, AgentRun
from tenants.models import Customer


def customer_page(customer: Customer) -> str:
    """The address of the customer's page."""
    return reverse("admin:tenants_customer_change", args=[customer.pk])


def agent_page(agent: Agent) -> str:
    """The address of the agent's page."""
    return reverse("admin:agents_agent_change", args=[agent.pk])


def log_page(run: AgentRun) -> str:
    """The address of the page with the run's last lines."""
    return reverse("admin:agents_agentrun_log", args=[run.pk])


def customer_link(customer: Any) -> SafeString:
    """A link to the customer's page."""
    return format_html('<a class="underline" href="{}">{}</a>', customer_page(customer), customer)
