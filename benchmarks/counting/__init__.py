"""The app with a counter on its wires: what a request costs in the cloud is counted, not guessed."""
