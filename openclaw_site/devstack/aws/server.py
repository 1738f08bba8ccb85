"""moto's AWS services behind one loopback address, in threads of this process.

Owns the HTTP server and moto's life (its state is global to the process, hence one world a process). Which
resources exist at the start is platform.py's; what a task does is fargate/'s.
"""

import threading
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server

from ..ports import HOST, require_free
from .lean import forget_everything, load_services

SERVICES = ("ec2", "ecs", "events", "iam", "logs", "s3", "secretsmanager", "sqs", "sts")


class AwsServer:
    """HTTP server of moto. The services above are loaded before start() returns, any other on first use."""

    def __init__(self, *, port: int) -> None:
        self.port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """It answers, with no resource in any service, when this returns. DevstackError: port taken."""
        from moto.moto_server.werkzeug_app import (
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )

        class QuietHandler(MotoRequestHandler):
            """Does not write a line for every request."""

            def log_request(self, code: Any = "-", size: Any = "-") -> None:
                return

        require_free(self.port, part="AWS", field="aws")
        load_services(SERVICES)
        forget_everything()
        application = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(HOST, self.port, application, True, request_handler=QuietHandler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="devstack-aws", kwargs={"poll_interval": 0.1}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """The port is closed. Resources stay in moto until the next start. Safe to repeat."""
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(timeout=5)
        self._server = self._thread = None
