"""Keep translations in step with the terms of the code."""
