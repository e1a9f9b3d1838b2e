"""`python -m proofs [FILE]`: the package's arithmetic against published figures, as tables of counts.

Ends with 1 when a published number is not what the package makes of the numbers behind it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from csc_indicators.errors import CscError
from proofs.account import account, misses
from proofs.checks import outcomes
from proofs.figures import COLUMNS, read_figures

SHIPPED = Path(__file__).resolve().parent.parent / "tests" / "reference" / "published_figures.csv"


def main() -> int:
    """Check a file and print the account of it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proofs", description=__doc__)
    parser.add_argument(
        "file", nargs="?", type=Path, default=SHIPPED, help=f"published figures, with the columns {', '.join(COLUMNS)}"
    )
    try:
        found = outcomes(read_figures(parser.parse_args().file))
    except CscError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    wrong = misses(found)
    sys.stdout.write(f"{account(found)}\n\n{len(wrong)} unexplained of {found.height:,}\n")
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
