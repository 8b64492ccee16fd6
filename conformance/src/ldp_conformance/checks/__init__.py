"""Every check, by role and area; importing this package registers them all."""
