"""Fixed messages with permanent IDs, and how one is tried on a live client."""
