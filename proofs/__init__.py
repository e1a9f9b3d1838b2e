"""Checks of the arithmetic of the package against figures that the Department for Education publishes."""
