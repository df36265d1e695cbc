"""What is claimed about speed, measured: every figure a ratio to an anchor in the same run. `make bench`."""
