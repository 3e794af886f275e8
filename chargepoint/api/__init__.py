"""The control API: what a person or a test may ask of a running station, over a socket of this machine."""
