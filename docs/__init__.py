"""The documentation, and the scripts that write the parts of it that come from the specs and the code."""
