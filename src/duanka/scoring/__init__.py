"""From findings to figures: how well scores rank what is labelled, and how far found rings agree with true ones."""
