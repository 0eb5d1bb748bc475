"""The close: the last months, calculated by one officer, approved and locked by another."""
