"""X as its API v2 document describes it: routes, objects, problems, limits and sign-in."""
