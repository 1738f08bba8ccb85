"""What is told of the processes: figures, traces, and the lines of their logs."""

from openclaw_site.settings.environment import env

# CloudWatch's namespace for the figures, as OpenClaw/production. Empty: none are published.
METRICS_NAMESPACE: str = env.str("METRICS_NAMESPACE", default="")
# Where traces go, by OTLP over HTTP, as http://127.0.0.1:4318. Empty: nothing is traced.
TRACES_ENDPOINT: str = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
# The share of requests and tasks that is traced, 0 to 1.
TRACES_RATIO: float = env.float("OTEL_TRACES_SAMPLER_ARG", default=0.05)
SERVICE_NAME: str = env.str("OTEL_SERVICE_NAME", default="openclaw")
# Which process this is: web, worker, provisioner, beat or operator.
PROCESS: str = env.str("PROCESS", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"paths_left_out": {"()": "openclaw_site.request_log.PathsLeftOut"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["paths_left_out"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "botocore": {"level": "WARNING"},
        "googleapiclient": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
    },
}
