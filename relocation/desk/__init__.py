"""Pages of the case manager and the coordinator."""
