"""One module per outside format. See docs/how-to/add-a-format.md."""
