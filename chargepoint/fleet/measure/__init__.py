"""Counters and histograms of a process, and how those of many become one."""
