"""What an event means in a child's history: what came before it, how old the child was."""
