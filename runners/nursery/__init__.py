"""The nursery: the trusted process inside the outer wall that forks wardens. It never sees user code or data."""
