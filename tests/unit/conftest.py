"""Pure unit tests: ``paycalc`` is imported on its own, without the addon around it."""

import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

ADDON = Path(__file__).resolve().parents[2] / "nka_key_accounts"
sys.path.insert(0, str(ADDON))

# The same cases on every machine, so that a failure can be reproduced. How long
# generating them takes depends on the machine: a slow one is no failure.
settings.register_profile(
    "unit",
    deadline=None,
    derandomize=True,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unit")
