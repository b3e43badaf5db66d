"""WebSub (W3C Recommendation, 2018): hubs tell us that a feed has changed, instead of being asked every few minutes.

An optional service beside the DAGs: `ingest websub` subscribes to the hubs that the feeds of `websub = true` sources
name, answers the hubs' verifications, renews leases, and runs the pipeline for a source whose feed was pushed. What was
pushed is only a hint: the feed itself is fetched, by the same polite and guarded way as ever.
"""
