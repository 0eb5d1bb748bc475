"""What stands behind the Makefile: plain Python, standard library only, until the virtual environment exists."""
