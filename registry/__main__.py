"""`python -m plugreg`: the command line. The one module that imports upwards."""

from __future__ import annotations

from plugreg.cli import main

if __name__ == "__main__":
    main()
