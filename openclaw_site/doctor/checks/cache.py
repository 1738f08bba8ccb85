"""Redis: reachable, logged in, and never dropping what waits in it."""

from collections.abc import Iterator

from django.conf import settings
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

from openclaw_site import cache_login
from openclaw_site.doctor.findings import Finding, ok, problem, skipped, warning


def reachable(process: str) -> Iterator[Finding]:
    """It answers PING; where it tells, it evicts nothing."""
    how = "by IAM" if settings.REDIS_CACHE_NAME else "by its URL"
    try:
        with cache_login.connect(timeout_seconds=5) as client:
            client.ping()
            yield ok(f"Redis answers; log-in {how}.")
            yield _eviction(client.info("memory").get("maxmemory_policy", ""))
    except (AuthenticationError, NoPermissionError):
        yield problem(
            f"Redis refuses the log-in {how}.",
            "Check the user in REDIS_URL, REDIS_CACHE_NAME and elasticache:Connect of the task role.",
        )
    except ResponseError:
        yield skipped("Redis does not tell its memory policy.")
    except RedisError as error:
        yield problem(
            f"Redis can't be reached: {type(error).__name__}.",
            "Check REDIS_URL (rediss:// on AWS) and the security groups on port 6379.",
        )


def _eviction(policy: str) -> Finding:
    if policy in {"noeviction", ""}:
        return ok("It refuses what it can't hold (noeviction).")
    return warning(f"Its memory policy is {policy}: a full Redis drops tasks.", "Set maxmemory-policy to noeviction.")
