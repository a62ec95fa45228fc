"""The edge: one file is one trigger."""
