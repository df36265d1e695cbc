"""Everything the service knows, as it is in content/."""

from __future__ import annotations

import pytest

from care import content
from care.desk import Desk


@pytest.fixture(scope="session")
def desk() -> Desk:
    return content.load("demo-town")
