"""What tests of several rooms of the gateway share."""

from tests.clamd import clamd, running_clamd

__all__ = ["clamd", "running_clamd"]
