"""Pay: the plan in force, what everybody agreed to, and the goals of the seasons."""
