"""Studies: arms x training seeds, each cell a chain of stage processes, each record a few KB under results/."""
