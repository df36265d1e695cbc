"""Guided conversations: pure values in, pure values out; no database, web, clock or network."""
