"""What every room may use and no room should write again: files, ranges of options, words, a start, a cluster's address."""
