"""Faults and experiments, one a file, and drivers for faults that follow what they see."""
