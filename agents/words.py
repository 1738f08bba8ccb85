"""A run's figures as people read them, for commands and pages alike. Owns the words; asks nobody."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from agents.models import AgentRun

DASH: Final = "-"
# As `agents.services.schedule` keeps them.
OFFICE_HOURS: Final = "Monday to Friday, 7:00 to 19:00"
_MICRO_USD_A_USD: Final = 1_000_000


def usd(micro_usd: int) -> str:
    """Millionths of a US dollar in dollars: to the cent, and sums below a dollar to a hundredth of one."""
    amount = micro_usd / _MICRO_USD_A_USD
    return f"{amount:,.2f} USD" if amount >= 1 or not micro_usd else f"{amount:.4f} USD"


def duration(run: AgentRun) -> str:
    """From the task's start to its end, or until now: `1 min 12 s`."""
    if run.started_at is None:
        return DASH
    seconds = max(timedelta(0), (run.stopped_at or timezone.now()) - run.started_at).total_seconds()
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def tokens(run: AgentRun) -> str:
    """What the model read and wrote, and its cache, in one line."""
    if not run.model_calls:
        return DASH
    told = f"{run.input_tokens:,} tokens in, {run.output_tokens:,} out"
    if run.cache_read_tokens or run.cache_write_tokens:
        told += f"; cache: {run.cache_read_tokens:,} read, {run.cache_write_tokens:,} written"
    return told


def tokens_by_kind(run: AgentRun) -> list[str]:
    """The same in short lines, for a narrow column."""
    if not run.model_calls:
        return [DASH]
    lines = [f"{run.input_tokens:,} in", f"{run.output_tokens:,} out"]
    if run.cache_read_tokens or run.cache_write_tokens:
        lines += [f"{run.cache_read_tokens:,} from cache", f"{run.cache_write_tokens:,} to cache"]
    return lines


def cost(run: AgentRun) -> str:
    """What the model cost."""
    return usd(run.cost_micro_usd) if run.model_calls else DASH


def engine(run: AgentRun) -> str:
    """How long the engine ran, and its peak of memory, where that was recorded."""
    parts = [f"{run.engine_seconds} s"] if run.engine_seconds else []
    if run.engine_peak_mib is not None:
        parts.append(f"{run.engine_peak_mib:,} MiB at its peak")
    return ", ".join(parts) or DASH


def in_short(run: AgentRun) -> str:
    """Duration, tokens and cost in one line; empty when the run has none of them."""
    return "; ".join(part for part in (duration(run), tokens(run), cost(run)) if part != DASH)


def rhythm(interval_minutes: int, *, in_office_hours: bool, time_zone: str = "") -> str:
    """How often and when an agent looks: `every 15 minutes, around the clock`."""
    if not in_office_hours:
        return f"every {interval_minutes} minutes, around the clock"
    where = f" in {time_zone}" if time_zone else ""
    return f"every {interval_minutes} minutes in office hours ({OFFICE_HOURS}{where})"
