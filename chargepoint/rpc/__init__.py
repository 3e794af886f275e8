"""OCPP-J without I/O: texts in, events and texts out; time is an argument. (OCPP-J 1.6 §4; 2.0.1 and 2.1 part 4 §4)"""
