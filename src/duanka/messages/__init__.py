"""Every word that a user reads, in Chinese and English, keyed by stable ids: `catalogue.yaml` and its one reader."""
