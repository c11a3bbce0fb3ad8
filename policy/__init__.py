"""The network, in Keras for learning and in NumPy for acting; checkpoints; players made from them."""
