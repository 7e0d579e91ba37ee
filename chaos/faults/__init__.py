"""Primitives that break one thing each, prove that they did, and heal it."""
