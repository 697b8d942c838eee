"""Batching 集单: which parcel rides which departures to which trunk, and how far from the best that can be.

The pure core reads like the model: instance, network, scan, targets, search, load, cost, assign, bound, reasons, answer,
solve. It knows no database, takes no clock but the monotonic one for its time limit, and is deterministic.
"""
