"""Conversations as they are in content/, without a database."""

from __future__ import annotations

import pytest

from care import content
from care.desk import Desk


@pytest.fixture(scope="session")
def desk() -> Desk:
    return content.load("demo-town")
