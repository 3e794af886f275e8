"""Cars and drivers of a fleet: who comes when, with which car and card, and what he does there.

plan       the tables of a template's `sessions` in the fleet file
profiles   named cars and named days, as data
chance     a small source of random numbers, and draws from distributions
ev         a car that arrives: its profile, drawn into a `hal.sim.car.Car`
arrivals   when drivers come
habits     what all drivers of a template have in common, resolved once a process
visit      one driver at one EVSE
seat       one EVSE as drivers see it: free or visited, and its one timer
generator  the drivers of one station
counts     what is counted of them
"""
