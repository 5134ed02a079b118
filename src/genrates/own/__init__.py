"""One's own table: find the density that fits it, draw from it, and say which rows are odd."""
