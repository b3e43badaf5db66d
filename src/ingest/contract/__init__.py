"""What is promised to readers of the table, for people and for machines. Made of `model`, the columns and fields.toml:

python -m ingest.contract          # writes docs/contract/ and the table of docs/articles.md
"""
