"""What people and programs get to read: one module a format."""
