"""Asks a catalog: builds a request, sends it once, and returns the answer."""
