"""People: users, sessions, one-time codes, second factors, devices and what each may do where."""
