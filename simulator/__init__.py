"""A stand-in for LINE's platform over HTTP, with phones in the browser: for the demo, and what the tests talk to."""
