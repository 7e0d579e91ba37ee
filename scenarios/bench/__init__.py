"""`make bench`: the cost of the load engine for each request, beside other load generators."""
