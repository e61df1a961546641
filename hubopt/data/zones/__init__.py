"""Demand zones: where residents are, and what they send and receive."""
