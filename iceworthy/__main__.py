"""`python -m iceworthy` is the same command as `iceworthy`."""

import sys

from iceworthy.cli import main

if __name__ == "__main__":
    sys.exit(main())
