"""Checks of `make lint` that no other tool provides."""
