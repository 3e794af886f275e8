"""What is done to a fleet and when: load shapes switch stations on, off and over; faults break what real life breaks.

All of it is repeatable: which station is struck, and when, follows from the seed and the station's index, whatever the number of processes.
"""
