"""The clock, which only rings, and one module per kind of due work."""
