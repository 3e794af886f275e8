"""Energy meters: drivers, register maps and what makes their values trustworthy."""
