"""The way to the CSMS: a WebSocket that is kept open, security profiles, reconnection, and what is said over it."""
