"""The embedded AWS as one part: server and platform, started and stopped together."""

from collections.abc import Mapping
from typing import Any

from .lean import give_back_memory
from .platform import Platform, Seeder
from .server import AwsServer


class Aws:
    """AWS on one loopback port. `platform` is known once started."""

    def __init__(self, *, port: int) -> None:
        self.server = AwsServer(port=port)
        self._platform: Platform | None = None
        self._seeder: Seeder | None = None

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def platform(self) -> Platform:
        if self._platform is None:
            raise RuntimeError("The platform is known once AWS has started.")
        return self._platform

    def start(self, agent_environment: Mapping[str, str]) -> None:
        """The platform's resources exist when this returns."""
        self.server.start()
        self._seeder = Seeder(self.url)
        self._platform = self._seeder.seed(agent_environment)
        give_back_memory()

    def stop(self) -> None:
        """Nothing listens any more. Safe to repeat."""
        self.server.stop()

    def client(self, service: str) -> Any:
        """A boto3 client with the platform's rights, for tests that look or break things from outside."""
        if self._seeder is None:
            raise RuntimeError("AWS has not started.")
        return self._seeder.client(service)
