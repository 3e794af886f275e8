"""Many stations: the same station code as the daemon, thousands of times, driven, measured and reproducible.

    file.toml → load → Plan ──┬→ Shard (a process) ─ Members (StationAgent + its drivers) ─ Tally ─┐
                              └→ Shard …                                                           ├→ Controller → Report
                        Down: commands  ·  Up: what was counted, what happened  ───────────────────┘

plan        what is to run, as data; every process makes its own part of it, by itself, out of the same plan
schema      the tables and keys of the fleet file, made of those of the rooms
sessions/   EVs, drivers, arrivals
load/       load shapes and faults: who is switched on, cut off, restarted, and when
measure/    counters and histograms of a process, and how those of many become one
report/     live and final reports, service levels
shard       one process's part of the fleet, running
controller  places the shards, gathers what they count, passes on commands
"""
