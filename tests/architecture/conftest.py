"""What the tests of the house look at."""

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def index():
    """Every function by its name, as the worker indexes them: once, for a second time is an error."""
    sys.modules.pop("function_app", None)
    app = importlib.import_module("function_app").app
    return {found.get_function_name(): found for found in app.get_functions()}
