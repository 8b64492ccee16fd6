"""A port as the suite meets it: its manifest, how it is started, and its process."""
