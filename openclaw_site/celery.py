"""The Celery app: queues, safety settings and the clock (beat).

Two queues. `default` needs only the application's database login; `provisioning` is read by the provisioner alone,
the one process that holds the owner's login and may create schemas, roles and IAM roles.
"""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.schedules import crontab
from celery.signals import before_task_publish
from django.conf import settings

from openclaw_site.cache_login import broker_url
from openclaw_site.observe import queues
from tenants.isolation.pooling import refuse_at_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openclaw_site.settings.production")


def _every(seconds: int, task: str, **options: Any) -> dict[str, Any]:
    """An entry of the clock; a round that nobody took before the next one is dropped."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds, **options}}


def _daily(hour: int, task: str) -> dict[str, Any]:
    """An entry of the clock, at this hour in UTC."""
    return {"task": task, "schedule": crontab(hour=hour, minute=20), "options": {"expires": 43_200}}


app = Celery("openclaw")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL, settings.REDIS_CACHE_NAME),
    # Results are rows in the database; nothing waits for a task's return value.
    task_ignore_result=True,
    # A task may run twice and says so; losing one with its worker would be worse.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_default_queue="default",
    task_default_priority=queues.NORMAL,
    task_routes={
        "tenants.onboarding.tasks.*": {"queue": "provisioning"},
        # Only the provisioner may list the bucket.
        "billing.tasks.storage_meter": {"queue": "provisioning"},
        # Deletes a secret, which the provisioner alone may.
        "tenants.gmail.tasks.connection_disconnect": {"queue": "provisioning"},
    },
    task_serializer="json",
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 3600},
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    timezone="UTC",
    beat_schedule={
        "sweep-provisionings": _every(15, "tenants.onboarding.tasks.provisionings_sweep"),
        "deliver-gmail-tokens": _every(30, "tenants.gmail.tasks.tokens_sweep"),
        "check-gmail-connections": _every(900, "tenants.gmail.tasks.connections_check"),
        "receive-task-events": _every(3, "agents.tasks.task_events_receive"),
        "reconcile-agent-runs": _every(30, "agents.tasks.agent_runs_reconcile"),
        "dispatch-agents": _every(15, "agents.tasks.agents_dispatch"),
        # Workers are added by these figures, so they may not wait behind what needs more workers.
        "publish-metrics": _every(60, "openclaw_site.observe.tasks.metrics_publish", priority=queues.FIRST),
        "begin-subscriptions": _every(60, "billing.tasks.subscriptions_begin"),
        "advance-subscriptions": _every(900, "billing.tasks.subscriptions_advance"),
        "sweep-cards": _every(300, "billing.tasks.cards_sweep"),
        "replay-card-events": _every(3600, "billing.tasks.card_events_replay"),
        "meter-usage-of-today": _every(3600, "billing.tasks.usage_meter_today"),
        "meter-storage": _daily(1, "billing.tasks.storage_meter"),
        "meter-usage-that-came-late": _daily(2, "billing.tasks.usage_meter_late"),
        "mail-members": _every(300, "agents.workspace.tasks.members_mail"),
        "sweep-exports": _every(300, "agents.workspace.tasks.exports_sweep"),
        "erase-old-mail": _daily(3, "agents.tasks.mail_erase"),
        "sweep-signups": _every(30, "tenants.signup.tasks.signups_sweep"),
        "forget-signups": _daily(4, "tenants.signup.tasks.signups_forget"),
        "send-lost-closing-mails": _every(600, "tenants.members.tasks.closed_mails_sweep"),
        "clear-sessions": _daily(4, "tenants.members.tasks.sessions_clear"),
    },
    beat_schedule_filename=os.environ.get("BEAT_SCHEDULE_FILE", "celerybeat-schedule"),
)
app.autodiscover_tasks(
    [
        *("tenants.onboarding", "tenants.gmail", "tenants.members", "tenants.signup"),
        *("agents", "agents.workspace", "billing"),
        "openclaw_site.observe",
    ]
)
before_task_publish.connect(queues.stamp)


class RefuseUnsafePooling(bootsteps.Step):
    """Ends a worker before it takes a task where contexts would mix. A signal can't: Celery swallows its errors."""

    def create(self, parent: Any) -> None:
        refuse_at_start()


app.steps["worker"].add(RefuseUnsafePooling)
