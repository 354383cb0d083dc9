"""Pairs of a .pag and a .dir file: the page format that sdbm and the ndbm of 4.3BSD share."""
