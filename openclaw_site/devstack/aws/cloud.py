"""The embedded AWS as one part: server, Fargate and platform, started and stopped together."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..ledger import Ledger
from .lean import give_back_memory
from .platform import Platform, Seeder
from .server import AwsServer

if TYPE_CHECKING:
    from .fargate import Fargate

PROJECT_DIR = Path(__file__).resolve().parents[3]


class Aws:
    """AWS on one loopback port; tasks fetch their credentials on `agents_port`.

    `platform` and `fargate` are known once started. What the platform is made by can be replaced before that: it is
    given the agents' environment, once the server answers.
    """

    def __init__(self, *, port: int, agents_port: int, state_dir: Path, ledger: Ledger | None = None) -> None:
        self.server = AwsServer(port=port)
        self._agents_port = agents_port
        self._state_dir = state_dir
        self._ledger = ledger
        self._platform: Platform | None = None
        self._fargate: Fargate | None = None
        self._seeder: Seeder | None = None
        self.make_platform: Callable[[Mapping[str, str]], Platform] | None = None

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def platform(self) -> Platform:
        if self._platform is None:
            raise RuntimeError("The platform is known once AWS has started.")
        return self._platform

    @property
    def fargate(self) -> "Fargate":
        if self._fargate is None:
            raise RuntimeError("Fargate is known once AWS has started.")
        return self._fargate

    def start(self, agent_environment: Mapping[str, str]) -> None:
        """The platform's resources exist when this returns, and tasks can be run."""
        self.server.start()
        from .fargate import Fargate  # loads moto's models, so after the server has done it the lean way

        self._fargate = Fargate(port=self._agents_port, state_dir=self._state_dir, cwd=PROJECT_DIR, ledger=self._ledger)
        self._fargate.start()
        self._seeder = Seeder(self.url)
        self._platform = (self.make_platform or self._seeder.seed)(agent_environment)
        give_back_memory()

    def stop(self) -> None:
        """No task runs and nothing listens any more. Safe to repeat."""
        if self._fargate:
            self._fargate.stop()
        self.server.stop()

    def client(self, service: str) -> Any:
        """A boto3 client with the platform's rights, for tests that look or break things from outside."""
        if self._seeder is None:
            raise RuntimeError("AWS has not started.")
        return self._seeder.client(service)

    def rss_mib(self) -> float:
        """Memory of the running tasks in MiB; moto itself lives in the caller's process."""
        return self._fargate.rss_mib() if self._fargate else 0.0
