"""The hardware layer: contactor and control pilot, meter, reader and lock, real or simulated. Imports nothing of the agent."""
