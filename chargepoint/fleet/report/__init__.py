"""Live and final reports of a fleet, and the service levels that decide how a run ends."""
