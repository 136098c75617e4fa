"""Ways to an object: each module one transport, all speaking the same steps."""
