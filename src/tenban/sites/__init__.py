"""Company, shop, register, camera, zone: what tenban.toml describes."""
