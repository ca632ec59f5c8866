"""Where tables live, what they promise, how they are built and published."""
