"""The machine that the agent runs on."""
