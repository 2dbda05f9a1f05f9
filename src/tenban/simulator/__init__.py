"""A shop that does not exist, reaching the product by HTTP and camera streams only."""
