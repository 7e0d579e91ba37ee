"""Load: one scenario a file, one action a file in actions/, the load engine in engine/."""
