"""The results folder: the one definition of every file in it, its writer and its reader."""
