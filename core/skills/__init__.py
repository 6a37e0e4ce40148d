"""What people can do: languages that they speak, parts of the catalogue that they know, and words of the workspace's own."""
