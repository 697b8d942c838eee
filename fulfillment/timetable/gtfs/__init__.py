"""Timetable exchange by GTFS (https://gtfs.org/documentation/schedule/reference/), read and written with the standard library.

A reader of our own rather than gtfs_kit or partridge: they load pandas, repair silently and cannot say in which line and
column something is wrong, which is what an operator needs. What GTFS has no place for travels in extra `x_*.txt` files.
"""
