"""The one switch of the long sweeps, and their one seed: Tests/run sets both."""
import os

# Every case, where TUF_CEREMONY_TESTS is "full"; otherwise a sample.
FULL = os.environ.get("TUF_CEREMONY_TESTS") == "full"
# TUF_CEREMONY_SEED repeats a sample.
SEED = os.environ.get("TUF_CEREMONY_SEED", "1")
