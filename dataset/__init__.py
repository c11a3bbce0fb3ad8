"""Movies -> one HDF5 data set of frames and 23-combo labels -> tf.data."""
