"""A model is fitted to a table of numbers in a child process of its own (`child`): the libraries for it are large, and neither the web door nor
a worker ever loads them. What comes back is plain data. `calling.fit` starts the child and waits for it."""
