"""What the proof is about: the policies as AWS holds them."""

import pytest

from tests.platform.iam.rendered import World, world


@pytest.fixture(scope="session")
def there(tmp_path_factory: pytest.TempPathFactory) -> World:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return world(tmp_path_factory, monkeypatch)
