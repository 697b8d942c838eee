"""Who works in the county and where: posts, invitations, and what each may be told on their account page."""
