from collections.abc import Iterator

import pytest

from tests.servers.storefront import Storefront, own_home


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storefront]:
    """A running shop for the whole module."""
    with Storefront(own_home(tmp_path_factory)) as opened:
        yield opened
