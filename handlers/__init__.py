"""What one inbound LINE event means: drain, route, crisis, deliver."""
