"""What draws the pictures of ring kinds: each module one panel, all of them from generated rows."""
