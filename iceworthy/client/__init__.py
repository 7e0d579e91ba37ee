"""Asks a catalog: builds a request, sends it once, and says what came back."""
