"""Run directories, command lines, metrics, progress: what every stage needs and no stage should invent."""
