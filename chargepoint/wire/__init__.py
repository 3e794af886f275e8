"""The messages of OCPP as types: generated from the JSON schemas, decoded and validated in one pass."""
