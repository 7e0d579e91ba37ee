"""Judges runs and writes reports. Reads a results folder; opens no socket and starts no process."""
