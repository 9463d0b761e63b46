"""The pages people see; it holds no rules of its own."""
