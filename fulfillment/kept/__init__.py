"""Promises measured afterwards 承诺兑现: what was said on the order against what the scans prove."""
