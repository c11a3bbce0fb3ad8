"""Rainbow."""
