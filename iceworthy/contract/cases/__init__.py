"""The cases of the contract, one file per subject; every file in this folder is found."""
