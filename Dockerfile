# Three images of the product, and one to try it with:
#   docker build --target backoffice -t openclaw-backoffice .
#   docker build --target agent -t openclaw-agent .
#   docker build --target egress -t openclaw-egress .
#   docker build --target devstack -t openclaw-devstack .
#
# A digest goes in with its tag: --build-arg PYTHON_IMAGE=python:3.11.13-slim-bookworm@sha256:… (and NODE_IMAGE likewise).
# Packages come as wheels alone, so nothing is compiled and no image has a compiler.

ARG PYTHON_IMAGE=python:3.11.13-slim-bookworm
# From Node's own image: the PyPI wheel that the embedded world uses brings 65 MB of headers along. The same version as
# in requirements/dev.txt, which a test holds.
ARG NODE_IMAGE=node:24.19.0-bookworm-slim

ARG DEBIAN_IMAGE=debian:12.11-slim

FROM ${NODE_IMAGE} AS node

FROM ${PYTHON_IMAGE} AS python
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LANG=C.UTF-8
WORKDIR /app

# Amazon RDS's certificate authorities, as AWS publishes them: PostgreSQL's certificate is checked against these.
FROM python AS authorities
ADD --chmod=644 https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem /opt/rds/global-bundle.pem


# -- back office -------------------------------------------------------------------------------------------------------
FROM python AS backoffice-packages
COPY requirements/backoffice.txt /tmp/requirements.txt
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --only-binary :all: --require-hashes -r /tmp/requirements.txt
# Google's client brings descriptions of 600 services, 110 MB; Gmail's is the one that is asked.
RUN find /opt/venv -path '*/googleapiclient/discovery_cache/documents/*' ! -name gmail.v1.json -delete

FROM backoffice-packages AS backoffice-source
COPY manage.py ./
COPY openclaw_site openclaw_site
COPY tenants tenants
COPY agents agents
COPY billing billing
# The embedded world is for laptops and tests.
RUN rm -r openclaw_site/devstack openclaw_site/demo openclaw_site/management/commands/devstack.py openclaw_site/management/commands/demo.py
RUN DJANGO_SETTINGS_MODULE=openclaw_site.settings.build python manage.py collectstatic --noinput --verbosity 0 \
 && python -m compileall -q .

FROM python AS backoffice
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin openclaw \
 && chmod 1777 /tmp
COPY --from=authorities /opt/rds /opt/rds
COPY --from=backoffice-packages /opt/venv /opt/venv
COPY --from=backoffice-source /app /app
ENV DJANGO_SETTINGS_MODULE=openclaw_site.settings.production \
    BEAT_SCHEDULE_FILE=/tmp/celerybeat-schedule \
    PORT=8000
# The root may be read-only; what is written goes here.
VOLUME ["/tmp"]
USER 10001
EXPOSE 8000
# The web process's. Worker, provisioner and beat are other commands of this image and say their own, or none.
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["gunicorn", "openclaw_site.wsgi", "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]


# -- agent -------------------------------------------------------------------------------------------------------------
FROM python AS agent-packages
COPY requirements/agent.txt /tmp/requirements.txt
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --only-binary :all: --require-hashes -r /tmp/requirements.txt
# As above.
RUN find /opt/venv -path '*/googleapiclient/discovery_cache/documents/*' ! -name gmail.v1.json -delete

FROM python AS agent-source
COPY agents/__init__.py agents/
COPY agents/runtime agents/runtime
COPY openclaw_site/__init__.py openclaw_site/
COPY openclaw_site/aws openclaw_site/aws
RUN python -m compileall -q .

# No package's script runs but openclaw's own, which completes its installation.
FROM node AS engine-packages
WORKDIR /opt/engine
COPY agents/runtime/engine/node/package.json agents/runtime/engine/node/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
 && npm rebuild openclaw --no-audit --no-fund --loglevel=error

# The compiled code is bound to the engine's path: it is made where the engine will lie, as the user that will read it.
FROM agent-source AS engine
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=engine-packages /opt/engine /opt/engine
RUN python -m agents.runtime.engine.prune /opt/engine/node_modules \
 && ENGINE_COMMAND="node /opt/engine/node_modules/openclaw/openclaw.mjs" \
    python -m agents.runtime.engine.compile_cache /opt/engine/compile-cache

FROM python AS agent
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=authorities /opt/rds /opt/rds
COPY --from=agent-packages /opt/venv /opt/venv
COPY --from=engine /opt/engine /opt/engine
COPY --from=agent-source /app /app
ENV ENGINE_COMMAND="node /opt/engine/node_modules/openclaw/openclaw.mjs" \
    ENGINE_COMPILE_CACHE=/opt/engine/compile-cache \
    HEALTH_PORT=8080
# Read-only root, all capabilities dropped but SETUID, SETGID and KILL (the task definition says so): the supervisor is
# root to run the engine as another user, 65532, who owns nothing here and writes in /tmp alone. A volume takes over the
# permissions that its folder has in the image.
RUN chmod 1777 /tmp
VOLUME ["/tmp"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"HEALTH_PORT\"]}/health', timeout=4)"]
CMD ["python", "-m", "agents.runtime"]


# -- the agents' proxy -------------------------------------------------------------------------------------------------
FROM ${DEBIAN_IMAGE} AS egress
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates openssl squid \
 && rm -rf /var/lib/apt/lists/* \
 && chmod 1777 /tmp
COPY terraform/modules/egress/image /opt/egress
VOLUME ["/tmp"]
# Debian's user `proxy`.
USER 13
EXPOSE 3128
HEALTHCHECK --interval=15s --timeout=5s --start-period=15s --retries=3 CMD ["/opt/egress/healthy"]
CMD ["/opt/egress/start"]


# -- the embedded world, for docker-compose ------------------------------------------------------------------------------
FROM python AS devstack
COPY requirements/dev.txt /tmp/requirements.txt
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --only-binary :all: --require-hashes -r /tmp/requirements.txt
COPY manage.py pyproject.toml ./
COPY openclaw_site openclaw_site
COPY tenants tenants
COPY agents agents
COPY billing billing
RUN python -m openclaw_site.devstack.node \
 && useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin openclaw \
 && install -d -o 10001 -g 10001 /var/lib/devstack
ENV DEVSTACK_DIR=/var/lib/devstack
VOLUME ["/tmp", "/var/lib/devstack"]
USER 10001
# Written when every part answers, removed when they end.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["test", "-s", "/var/lib/devstack/env"]
CMD ["python", "manage.py", "devstack", "--state-dir", "/var/lib/devstack"]
