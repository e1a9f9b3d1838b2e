"""The rules of the spec linter, one module a part of the specs; `csc_indicators.lint` lists and runs them."""
