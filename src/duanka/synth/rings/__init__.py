"""The rings, one module a kind. Each makes its own payments, sessions, calls and truth; none knows of detection."""
