"""What an overlay is made of: links to projects' own code, metadata, and where it is built."""
