// The target of the headers that are compiled once for all tests needs a source.
