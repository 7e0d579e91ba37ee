"""What load: one scenario a file, one action a file in actions/."""
