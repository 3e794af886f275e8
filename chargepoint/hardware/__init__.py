"""The board loop: what the station wishes of its hardware is applied, and applied again until it holds."""
