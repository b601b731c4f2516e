"""Long tests run only where they are asked for: `make soak`."""

import signal

import pytest
from hypothesis import settings

# A machine that is busy elsewhere makes no property false.
settings.register_profile("suite", deadline=None, max_examples=60)
settings.register_profile("fuzz", deadline=None, max_examples=4000)
settings.load_profile("suite")


@pytest.fixture(scope="session", autouse=True)
def signals_as_in_a_terminal() -> None:
    """A shell that runs the suite in the background has it ignore these, and commands started by tests inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect soak tests unless `-m` names them; deselected, not skipped, so that a skip always means a fault."""
    if "soak" in (config.getoption("-m") or ""):
        return
    soak = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=soak)
    items[:] = [item for item in items if not item.get_closest_marker("soak")]
