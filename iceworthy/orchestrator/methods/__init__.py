"""Methods: how an experiment treats a running target, one file each, found by name."""
