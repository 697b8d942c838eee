"""The station master's morning: the next bus, what to pack for it, this month's income."""
