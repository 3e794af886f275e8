"""The local authorization list: what the CSMS has said of tokens in advance."""
