"""One file a revision, numbered. Only forwards: to go back, restore a copy of the database."""
