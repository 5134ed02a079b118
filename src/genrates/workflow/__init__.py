"""What the Snakefile asks: the plan and its cells, composed and checked configs, fingerprints of code."""
