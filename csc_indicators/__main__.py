"""`python -m csc_indicators`."""

from csc_indicators.cli import main

if __name__ == "__main__":
    main()
