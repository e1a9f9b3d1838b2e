"""A screen for the tidy files of Explore Education Statistics: every rule by name, before a file is uploaded.

`csc_indicators.outputs.screening.screen.screen` reads a data file and its metadata file and puts them to the rules,
stage by stage; the modules beside it hold the rules of a stage each. What the rules ask is in `docs/reference/ees.md`.
"""
