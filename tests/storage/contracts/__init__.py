"""One suite for each port, run on the fake and on every real adapter."""
