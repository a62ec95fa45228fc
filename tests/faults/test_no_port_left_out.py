"""Every port that the wiring knows is crossed, and broken, in one of the lives that these tests lead."""

import pytest
import test_correction_faults
import test_deciding_faults
import test_fault_matrix
import test_guarding_faults
import test_measure_faults
import test_tenancy_erasure_faults
import test_tenancy_faults
from faulty_world import watched_ports

from shared import wiring

MATRICES = (
    test_correction_faults,
    test_deciding_faults,
    test_guarding_faults,
    test_measure_faults,
    test_tenancy_erasure_faults,
    test_tenancy_faults,
)


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


async def test_no_port_is_left_out_of_all_matrices():
    crossed = {seam.port for seam in await test_fault_matrix.seams()}
    for matrix in MATRICES:
        world, wrong = await matrix.lived(None)
        assert wrong == []
        crossed |= {seam.port for seam in world.life.calls}
    assert set(watched_ports()) | {"connector"} == crossed
