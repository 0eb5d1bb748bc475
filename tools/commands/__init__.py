"""What the targets of the Makefile do, one module each."""
