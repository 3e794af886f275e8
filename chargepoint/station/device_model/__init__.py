"""The device model, room by room: what a variable is, its texts, the catalogue of a kind of station, the values of one station."""
