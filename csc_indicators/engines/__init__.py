"""How a computation is run: on one machine."""
