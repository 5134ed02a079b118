"""From the scores of a cell to a verdict: excess, rates, and the results of an experiment."""
