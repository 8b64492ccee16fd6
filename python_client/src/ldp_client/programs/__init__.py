"""`lambda-debug run -- COMMAND`: a handler in any language, as the developer's process sees it."""
