"""What every learner needs around it: the loop, and the evaluation by which checkpoints are chosen."""
