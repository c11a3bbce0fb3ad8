"""What is played: the emulator, the acts, the environment, the rewards. Never imports TensorFlow."""
