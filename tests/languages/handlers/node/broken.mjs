// A module that does not load.
throw new RangeError('not today')
