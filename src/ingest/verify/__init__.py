"""Whether what has landed is whole: the table against reports, raw archives and itself."""
