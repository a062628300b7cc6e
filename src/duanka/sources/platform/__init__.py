"""A seized platform database: its orders, points and users, as tables of any make."""
