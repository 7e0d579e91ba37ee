"""What a run means. Pure: reads a results folder, opens no socket, imports nothing live."""
