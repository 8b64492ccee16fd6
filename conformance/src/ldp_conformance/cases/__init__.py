"""What a check works with: the port, what it was sent, what came, and what is expected of it."""
