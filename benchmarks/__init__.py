"""Quality and speed of the whole product, measured the way a user would run it."""
