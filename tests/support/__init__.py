"""What tests share: a central system that knows only the `ocpp` package, and a bench with a whole station on simulated time."""
