"""Learned agents that tests serve; ``renew`` makes them anew."""
