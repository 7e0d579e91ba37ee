"""What one session does in one operation: one action a file, `act(session)`."""
