"""The cases of the contract, one file a subject; a file that is added is found."""
