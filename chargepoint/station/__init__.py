"""The station's nouns: pure, synchronous, and free of any OCPP version."""
