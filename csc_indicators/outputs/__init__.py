"""Published cells as files, text and tables; the only stage that writes files."""
