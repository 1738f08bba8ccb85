"""Agents: what should run, what ran, and how one is brought to the other through the ECS API."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """The app of the public tables Agent, AgentRun and Fleet."""

    name = "agents"
    verbose_name = "Fleet"
