"""Routes: their files, their order, and the choice among them."""

TYPES = ("Route", ("Router", "RouterHandler"))
