"""Token readers: card readers and key pads on serial ports."""
