"""Files to raw text tables with row numbers; the only stage that reads files."""
