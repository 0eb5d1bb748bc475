"""Programs behind the Makefile.

They use only Python's standard library until the virtual environment exists.
"""
