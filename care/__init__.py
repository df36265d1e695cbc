"""What the service does: one function is one use case and one transaction's worth of work."""
