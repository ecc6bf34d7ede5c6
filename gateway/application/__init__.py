"""The gateway as a whole: its instance directory, config.json, admin.json, and what runs them."""
