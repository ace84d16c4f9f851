"""The real template on one machine: a local engine that stands for AWS, and the stack deployed on it."""
