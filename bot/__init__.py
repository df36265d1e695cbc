"""Processes and wiring: settings, webhook, web application, worker, command line. Knows every room."""
