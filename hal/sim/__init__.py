"""The simulated backend: a world with cars, cables and faults, and the drivers that see it through the hardware contract."""
