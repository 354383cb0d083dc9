"""Berkeley DB 1.85: hash and btree files as BSD, macOS and old NSS have them."""
