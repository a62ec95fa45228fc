"""The map and the stores that the sample tests share."""

import pytest

from samples.company import MAP, fill
from samples.loading import Stores
from shared.adapters import yaml_data_map
from shared.connectors import discover


@pytest.fixture(scope="session")
def sample_map():
    connectors = {kind: factory(None) for kind, factory in discover().items()}
    return yaml_data_map.load(MAP, connectors)


@pytest.fixture(scope="session")
def sample_stores(azurite):
    return Stores(azurite.tables("spindata"), azurite.blobs("spindata"))


@pytest.fixture(scope="session")
async def filled(azurite, sample_stores):
    """The connectors over stores that hold the sample company."""
    await fill(sample_stores)
    return {kind: factory(azurite) for kind, factory in discover().items()}
