"""The Last Mile Replenishment Scheduler with a trained dispatcher."""

__version__ = "0.1.0"
