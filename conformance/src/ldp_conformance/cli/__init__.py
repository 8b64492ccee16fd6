"""The command line: it reads words, calls the rest of the package, and prints."""
