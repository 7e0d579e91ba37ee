"""The operations of sessions: one action a file, `act(session)`."""
