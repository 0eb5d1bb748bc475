"""What the managers did in the last weeks, and what the supervisors said to it."""
