"""Where everything outside the state database is kept: raw archives, staging between tasks, the articles table.

STORE/raw/DATE/RUN-SHARD.warc.gz     what came over the wire
STORE/staging/RUN/SHARD.jsonl.zst    between tasks, deleted after the commit; resolved.arrow is what lands
STORE/articles/                      the Delta table: every version of every article a row
"""
