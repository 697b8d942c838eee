"""Batching 集单: which parcel rides which departures to which trunk, and how far from the best that can be.

The pure core reads like the model: instance, network, scan, targets, search, cargo, corridor, pricing, load, cost, prices,
master, generation, bound, choices, rounding, detours, swap, standing, exchange, worth, reasons, told, answer; `solve` is its one
entry, `repair` the quick one for a few parcels. It knows no database, takes no clock but the monotonic one for its time
limit, and is deterministic.
"""
