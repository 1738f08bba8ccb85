"""What should run (Agent), what ran (AgentRun), and the switch that stops everything (Fleet)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from tenants.models import Customer
from tenants.validators import validate_time_zone


class AgentRole(models.TextChoices):
    """The three agents that every customer gets."""

    BUTLER = "butler", "Butler"
    SCOUT = "scout", "Scout"
    WRITER = "writer", "Writer"


class DesiredState(models.TextChoices):
    """What staff want of an agent."""

    STOPPED = "stopped", "Stopped"
    SCHEDULED = "scheduled", "Scheduled"
    ALWAYS_ON = "always_on", "Always on"


class Agent(models.Model):
    """One of a customer's three agents: what should run, and what stands in its way."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="agents")
    role = models.CharField(max_length=10, choices=AgentRole)
    desired_state = models.CharField(max_length=10, choices=DesiredState, default=DesiredState.SCHEDULED)
    interval_minutes = models.PositiveIntegerField(
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
        help_text="Between scheduled runs.",
    )
    office_hours_in = models.CharField(
        "office hours",
        max_length=60,
        blank=True,
        validators=[validate_time_zone],
        help_text="Time zone (as Europe/Berlin) whose office hours a scheduled agent keeps; empty: around the clock.",
    )
    follows_plan = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Whether interval and office hours are those of its customer's plan, also when that changes.",
    )
    next_run_at = models.DateTimeField(null=True, blank=True)
    idle_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last not started because there was nothing to do."
    )
    spent_budget_cents = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="The model budget (US cents a month) that was spent when it was told to wait for the next month.",
    )
    consecutive_failures = models.PositiveIntegerField(default=0)
    breaker_reason = models.CharField(
        max_length=500, blank=True, help_text="Why no new run is started, when runs kept failing."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["tenant", "role"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "role"], name="agent_once_a_role"),
            models.UniqueConstraint(fields=["tenant", "id"], name="agent_tenant_id"),
        ]
        indexes = [models.Index(fields=["desired_state", "next_run_at"], name="agent_due")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.tenant}"


class AgentRunState(models.TextChoices):
    """Where one ECS task stands. `requested` has no task yet (or one that we have not heard of)."""

    REQUESTED = "requested", "Requested"
    STARTING = "starting", "Starting"
    RUNNING = "running", "Running"
    STOPPING = "stopping", "Stopping"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"


class AgentRun(models.Model):
    """One ECS task that ran, runs or was asked for."""

    ENDED: ClassVar[tuple[str, ...]] = (AgentRunState.SUCCEEDED, AgentRunState.FAILED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=30, help_text="Why it was started: onboarding, schedule, staff, always_on.")
    state = models.CharField(max_length=10, choices=AgentRunState, default=AgentRunState.REQUESTED)
    attempt = models.PositiveSmallIntegerField(default=1, help_text="Part of the client token.")
    task_arn = models.CharField(max_length=200, blank=True)
    task_definition_arn = models.CharField(max_length=200, blank=True, help_text="With its revision.")
    capacity_provider = models.CharField(max_length=30, blank=True)
    cpu = models.PositiveIntegerField(null=True, blank=True, help_text="CPU units; 1,024 are one vCPU.")
    memory_mib = models.PositiveIntegerField(null=True, blank=True)
    exit_code = models.SmallIntegerField(null=True, blank=True)
    stop_code = models.CharField(max_length=60, blank=True)
    stopped_reason = models.CharField(max_length=1000, blank=True)
    model_budget_cents = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="The customer's budget for the model when it was started, in US cents a month.",
    )
    model_calls = models.PositiveIntegerField(default=0, db_default=0)
    input_tokens = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="Neither read from the cache nor written to it."
    )
    output_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    cache_read_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    cache_write_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    cost_micro_usd = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="Of the model, in millionths of a US dollar."
    )
    model = models.CharField(
        max_length=120, blank=True, default="", db_default="", help_text="The model that it asked, by its id."
    )
    engine_seconds = models.PositiveIntegerField(default=0, db_default=0)
    engine_peak_mib = models.PositiveIntegerField(null=True, blank=True)
    tool_refusals = models.PositiveIntegerField(default=0, db_default=0, help_text="Calls of tools that were refused.")
    measured_at = models.DateTimeField(
        null=True, blank=True, help_text="When these figures were copied from the customer's schema."
    )
    requested_at = models.DateTimeField(db_default=Now(), editable=False)
    pull_started_at = models.DateTimeField(
        null=True, blank=True, help_text="When the pull of its image began, from which on Fargate is paid."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(
        null=True, blank=True, help_text="When onboarding told a person that this run failed and stopped trying."
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="agentrun_tenant_id"),
            models.UniqueConstraint(
                fields=["agent"],
                condition=~models.Q(state__in=["succeeded", "failed"]),
                name="agentrun_one_open_an_agent",
            ),
            models.UniqueConstraint(fields=["task_arn"], condition=~models.Q(task_arn=""), name="agentrun_task_once"),
        ]
        indexes = [
            models.Index(fields=["state", "requested_at"], name="agentrun_open"),
            models.Index(fields=["agent", "-requested_at"], name="agentrun_latest"),
            models.Index(
                fields=["stopped_at"],
                condition=models.Q(measured_at=None, stopped_at__isnull=False),
                name="agentrun_unmeasured",
            ),
            models.Index(fields=["stopped_at"], name="agentrun_stopped"),
        ]

    def __str__(self) -> str:
        return f"Run {self.id}: {self.state}"


class Fleet(models.Model):
    """The one row that can stop every agent of every customer."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    asks_google_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="So long one round of the dispatcher asks Google for all."
    )

    class Meta:
        verbose_name_plural = "fleet"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="fleet_one_row")]

    def __str__(self) -> str:
        return "paused" if self.paused_at else "running"
