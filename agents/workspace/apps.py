"""The tables in a customer's own schema."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    """The only app that is migrated into customers' schemas."""

    name = "agents.workspace"
    label = "workspace"
    verbose_name = "Workspace"
